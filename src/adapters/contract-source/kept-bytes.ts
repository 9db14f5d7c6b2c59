import type { KeptBytes } from '../../core/contract-documents.ts';

/** Text below this is not worth loading zlib for. */
const PLAIN_BYTES = 64 * 1024;

/** To be kept for long; a large document is a tenth of itself then. Deflated in another thread. */
export async function keepBytes(bytes: Uint8Array): Promise<KeptBytes> {
  // A copy: what a file was read into may be a part of something larger.
  if (bytes.byteLength <= PLAIN_BYTES) return { bytes: new Uint8Array(bytes), form: 'plain' };
  const { deflate, constants } = await import('node:zlib');
  const deflated = await new Promise<Uint8Array>((resolve, reject) =>
    deflate(bytes, { level: constants.Z_BEST_SPEED }, (error, result) => (error === null ? resolve(result) : reject(error))),
  );
  return { bytes: new Uint8Array(deflated), form: 'deflated' };
}

export async function bytesOf({ bytes, form }: KeptBytes): Promise<Uint8Array> {
  if (form === 'plain') return bytes;
  const { inflate } = await import('node:zlib');
  return new Promise<Uint8Array>((resolve, reject) =>
    inflate(bytes, (error, result) => (error === null ? resolve(result) : reject(error))),
  );
}
