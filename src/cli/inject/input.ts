import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fstatSync } from 'node:fs';
import type { Source } from './stream.ts';

/** Of all input together. */
export const MAX_BYTES = 64 * 1024 * 1024;

export const STDIN = '(stdin)';

export interface Unreadable {
  readonly file: string;
  readonly message: string;
}

/** Where bytes come from: `-` is the standard input. */
export type Chunks = AsyncIterable<Uint8Array>;

/** Reads all of them, or says which cannot be read and why. A byte order mark stays where it is. */
export async function readSources(
  files: readonly string[],
  cwd: string,
  stdin: () => Chunks,
): Promise<{ readonly sources: readonly Source[]; readonly unreadable: readonly Unreadable[] }> {
  const sources: Source[] = [];
  const unreadable: Unreadable[] = [];
  let left = MAX_BYTES;
  for (const file of files) {
    const name = file === '-' ? STDIN : file;
    try {
      const bytes = file === '-' ? await collect(stdin(), left) : await readFile(resolve(cwd, file), left);
      if (bytes === undefined) {
        unreadable.push({ file: name, message: `makes the input larger than ${MAX_BYTES / 1024 ** 2} MiB` });
        continue;
      }
      left -= bytes.length;
      sources.push({ file: name, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) });
    } catch (error) {
      unreadable.push({ file: name, message: reason(error) });
    }
  }
  return { sources, unreadable };
}

async function readFile(path: string, most: number): Promise<Buffer | undefined> {
  await using handle = await open(path, 'r');
  if (fstatSync(handle.fd).isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  return await collect(handle.createReadStream({ autoClose: false }), most);
}

/** Undefined where there is more. */
async function collect(chunks: Chunks, most: number): Promise<Buffer | undefined> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > most) return undefined;
    read.push(chunk);
  }
  return Buffer.concat(read);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'may not be read: permission denied',
  EISDIR: 'is a directory; name the files, or give the output of kustomize build',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
};

function reason(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return REASONS[code ?? ''] ?? `cannot be read: ${message ?? String(error)}`;
}
