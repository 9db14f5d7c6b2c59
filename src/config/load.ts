import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Override } from './overrides.ts';
import { type Parsed, parseConfiguration } from './parse.ts';
import type { Problem } from './problem.ts';
import type { Environment } from './variables.ts';

/** Far above any configuration; what is larger is the wrong file. */
const MAX_BYTES = 4 * 1024 * 1024;

/** `bytes` with a problem: they could be read, but are no text. */
export type FileText =
  | { readonly text: string; readonly bytes: Uint8Array }
  | { readonly problem: Problem; readonly bytes: Uint8Array | undefined };

/** A file that was read, so that it can be seen whether it has changed since. */
export interface ReadFile {
  /** Absolute. */
  readonly path: string;
  /** Undefined where it could not be read. */
  readonly bytes: Uint8Array | undefined;
  /** What is larger is not read. */
  readonly maxBytes: number;
}

export interface ConfigurationFile {
  /** As the user named it. */
  readonly file: string;
  /** What a relative `file` is taken from. */
  readonly cwd: string;
  readonly env: Environment;
  readonly overrides?: readonly Override[];
}

/** Reads a configuration from disk. What cannot be read is a problem like any other. */
export async function loadConfiguration(file: ConfigurationFile): Promise<Parsed> {
  return (await readConfiguration(file)).parsed;
}

/** As `loadConfiguration`, with the bytes that it is made of. */
export async function readConfiguration({
  file,
  cwd,
  env,
  overrides = [],
}: ConfigurationFile): Promise<{ readonly parsed: Parsed; readonly file: ReadFile }> {
  const path = resolve(cwd, file);
  const read = await readText(path, file, MAX_BYTES);
  const parsed =
    'problem' in read
      ? { settings: undefined, problems: [read.problem] }
      : parseConfiguration({ text: read.text, file, dir: dirname(path), env, overrides });
  return { parsed, file: { path, bytes: read.bytes, maxBytes: MAX_BYTES } };
}

/** The text of a file of at most `maxBytes`, in UTF-8; pipes too, of which the size is not known before. `file`: its name in problems. */
export async function readText(path: string, file: string, maxBytes: number): Promise<FileText> {
  const chunks: Buffer[] = [];
  let bytes: Buffer | undefined;
  try {
    await using handle = await open(path, 'r');
    for (let size = 0; ; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(64 * 1024));
      if (bytesRead === 0) break;
      size += bytesRead;
      if (size > maxBytes) return unreadable(file, `is larger than ${maxBytes / 1024 ** 2} MiB`, undefined);
      chunks.push(buffer.subarray(0, bytesRead));
    }
    bytes = Buffer.concat(chunks);
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), bytes };
  } catch (error) {
    return unreadable(file, reason(error), bytes);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'may not be read: permission denied',
  EISDIR: 'is a directory',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
};

function reason(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return REASONS[code ?? ''] ?? `cannot be read: ${message ?? String(error)}`;
}

function unreadable(file: string, message: string, bytes: Uint8Array | undefined): FileText {
  return { problem: { severity: 'error', code: 'unreadable', message, file, line: 0, column: 0, pointer: '' }, bytes };
}
