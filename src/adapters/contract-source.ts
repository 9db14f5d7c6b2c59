import { type FileHandle, open } from 'node:fs/promises';
import type { LoadOptions } from '../core/contract-loading.ts';
import { isUrl } from '../core/fetched-url.ts';
import { resolveReference } from './contract-source/references.ts';
import { RemoteFiles } from './contract-source/remote-files.ts';
import { RemoteReading } from './contract-source/remote-reading.ts';

/** The largest contracts that people publish, with every reference written out, are some 80 MB; as they are written, 15. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_FILES = 1000;

export interface ContractSourceOptions {
  /** The contract's own document, whose host is trusted where it is a URL. */
  readonly root?: string;
  /** What references may reach: `https` lets them leave this machine, and the origin of a document that was fetched. */
  readonly refs?: 'files' | 'https';
  /** Documents of the network; absent: each is fetched once. */
  readonly remote?: RemoteReading;
}

/**
 * Reads contract documents from files and URLs, for one loading of one contract: at most 1,000 of 64 MiB each. References are relative to the
 * document that makes them. Errors have messages that can be shown.
 */
export function contractSource({
  root = '',
  refs = 'files',
  remote = new RemoteReading(new RemoteFiles({ root })),
}: ContractSourceOptions = {}): Required<Pick<LoadOptions, 'read' | 'resolve' | 'pause'>> {
  const read = new Set<string>();
  return {
    async read(uri) {
      read.add(uri);
      if (read.size > MAX_FILES) throw new Error(`more than ${MAX_FILES} files: ${uri} is not read`);
      return isUrl(uri) ? remote.read(uri) : readBounded(uri, MAX_FILE_BYTES);
    },
    resolve: (base, ref) => resolveReference(base, ref, { refs, foundAt: remote.foundAt }),
    pause: () => new Promise((done) => setImmediate(done)),
  };
}

/** The bytes of a file. Rejects with an Error whose message can be shown. */
export async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reasonOf(error)}`);
  }
  try {
    const stat = await file.stat();
    // A pipe or a device would never end.
    if (!stat.isFile()) throw new Error('not a file');
    if (stat.size > maxBytes) throw new Error(`larger than ${maxBytes / 1024 / 1024} MiB`);
    return await file.readFile();
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reasonOf(error)}`);
  } finally {
    await file.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'not allowed',
  EPERM: 'not allowed',
  EISDIR: 'a directory',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error instanceof Error ? error.message : 'unknown reason');
}
