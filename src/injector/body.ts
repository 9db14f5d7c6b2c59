import type { IncomingMessage } from 'node:http';

/**
 * Most bytes of one review. An API server takes requests of at most 3 MiB (its `MaxRequestBodyBytes`), and etcd keeps no object of more than 1.5 MiB; the rest
 * is for what JSON adds. A review of what is created carries it once.
 */
export const MAX_REVIEW_BYTES = 4 * 1024 * 1024;
/** Of all bodies that are being read at the same time: a rollout of 1,000 pods of 16 KB, all at once. */
export const MAX_READING_BYTES = 16 * 1024 * 1024;

/** How many bytes of bodies may be in memory. */
export class ReadingBudget {
  #leftBytes: number;

  constructor(bytes: number) {
    this.#leftBytes = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#leftBytes += bytes;
  }
}

export type ReadBody =
  | { readonly is: 'read'; readonly bytes: Buffer }
  | { readonly is: 'too_large' }
  /** No room now; the same review may be sent again. */
  | { readonly is: 'busy' }
  /** The client left. */
  | { readonly is: 'gone' };

/** Reads a body within the limits; never rejects. The bytes are held against the budget until it is here. */
export function readBody(request: IncomingMessage, budget: ReadingBudget, maxBytes = MAX_REVIEW_BYTES): Promise<ReadBody> {
  // Node has checked that it is a number, and that no more will come.
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.resolve({ is: 'too_large' });
  if (!budget.take(announced)) return Promise.resolve({ is: 'busy' });
  let taken = announced;
  // Where it is known how much will come, every byte is in memory once.
  const whole = announced > 0 ? Buffer.allocUnsafeSlow(announced) : undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  const { promise, resolve } = Promise.withResolvers<ReadBody>();
  const done = (body: ReadBody): void => {
    budget.give(taken);
    taken = 0;
    request.removeAllListeners('data');
    resolve(body);
  };
  request.on('data', (chunk: Buffer) => {
    if (whole !== undefined) {
      length += chunk.copy(whole, length);
      return;
    }
    length += chunk.length;
    if (length > maxBytes) return done({ is: 'too_large' });
    if (length > taken) {
      if (!budget.take(length - taken)) return done({ is: 'busy' });
      taken = length;
    }
    chunks.push(chunk);
  });
  request.on('end', () => done({ is: 'read', bytes: whole?.subarray(0, length) ?? Buffer.concat(chunks, length) }));
  request.on('error', () => done({ is: 'gone' }));
  request.on('close', () => done({ is: 'gone' }));
  return promise;
}
