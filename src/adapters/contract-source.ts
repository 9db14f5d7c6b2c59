import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadOptions } from '../core/contract-loading.ts';

/** The largest contracts that people publish, with every reference written out, are some 80 MB; as they are written, 15. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_FILES = 1000;

/** A reference by any scheme but a path: one letter alone is a drive of Windows. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]+:/;

/**
 * Reads contract documents from local files, for one loading of one contract: at most 1,000 files of 64 MiB each. References are
 * relative to the file that makes them. Nothing is fetched over the network. Errors have messages that can be shown.
 */
export function contractSource(): Required<Pick<LoadOptions, 'read' | 'resolve' | 'pause'>> {
  const read = new Set<string>();
  return {
    async read(uri) {
      refuseRemote(uri);
      read.add(uri);
      if (read.size > MAX_FILES) throw new Error(`more than ${MAX_FILES} files: ${uri} is not read`);
      return readBounded(uri);
    },
    resolve(base, ref) {
      refuseRemote(ref);
      if (/^file:/i.test(ref)) return fileURLToPath(ref);
      return resolvePath(dirname(base), decoded(ref));
    },
    pause: () => new Promise((done) => setImmediate(done)),
  };
}

function refuseRemote(ref: string): void {
  if (SCHEME.test(ref) && !/^file:/i.test(ref)) throw new Error(`remote references are not in this version: ${ref.slice(0, 200)}`);
}

/** A reference is a URI: a blank in a file's name is written `%20`. */
function decoded(ref: string): string {
  try {
    return decodeURIComponent(ref);
  } catch {
    return ref;
  }
}

async function readBounded(path: string): Promise<Uint8Array> {
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
    if (stat.size > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
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
