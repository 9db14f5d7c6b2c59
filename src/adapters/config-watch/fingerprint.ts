import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';

/**
 * What a file holds, as far as it can be compared: a SHA-256; `unreadable` where it is not there, may not be read, or is too large;
 * `special` for a pipe or a device, which can be read once only and is never looked at again.
 */
export type Fingerprint = string;

export const UNREADABLE: Fingerprint = 'unreadable';
export const SPECIAL: Fingerprint = 'special';

/** Hashed in one go: a fraction of a millisecond. Between two such pieces the event loop goes round. */
const PIECE_BYTES = 256 * 1024;

/** Of a file as it lies there now. Never rejects. `maxBytes`: what is larger counts as unreadable, as for who reads it. */
export async function fingerprint(path: string, maxBytes: number): Promise<Fingerprint> {
  let file: FileHandle | undefined;
  try {
    // Before it is opened: a pipe may be emptied once only, and by who wants what is in it.
    const is = await stat(path);
    if (!is.isFile()) return is.isDirectory() ? UNREADABLE : SPECIAL;
    if (is.size > maxBytes) return UNREADABLE;
    file = await open(path, 'r');
    return await hashOf(file, is.size, maxBytes);
  } catch {
    return UNREADABLE;
  } finally {
    await file?.close();
  }
}

async function hashOf(file: FileHandle, sizeBytes: number, maxBytes: number): Promise<Fingerprint> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, sizeBytes + 1));
  for (let bytes = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, piece.length, null);
    if (bytesRead === 0) return hash.digest('hex');
    bytes += bytesRead;
    // It grew after it was looked at.
    if (bytes > maxBytes) return UNREADABLE;
    hash.update(piece.subarray(0, bytesRead));
  }
}

/** Of bytes that were read from a file; `undefined`: they could not be. */
export async function fingerprintOf(bytes: Uint8Array | undefined): Promise<Fingerprint> {
  if (bytes === undefined) return UNREADABLE;
  const hash = createHash('sha256');
  for (let from = 0; from < bytes.byteLength; from += PIECE_BYTES) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    hash.update(bytes.subarray(from, from + PIECE_BYTES));
  }
  return hash.digest('hex');
}
