import type { Socket } from 'node:net';

/** Writes `piece` so many times, no faster than the other end takes it. Rejects where the connection ends before that. */
export async function pour(socket: Socket, piece: Uint8Array, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    if (socket.destroyed) throw new Error(`the connection ended after ${i} of ${times} pieces`);
    if (!socket.write(piece)) await drained(socket);
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/** What comes must be one piece over and over, however it is cut; looked at byte by byte, and not kept. */
export class Repeated {
  readonly #piece: Buffer;
  readonly #whenAll: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #totalBytes: number;
  bytes = 0;

  constructor(piece: Buffer, times: number) {
    this.#piece = piece;
    this.#totalBytes = piece.length * times;
  }

  /** Resolves when all of it has come; rejects where something else came, or it broke off. */
  get all(): Promise<void> {
    return this.#whenAll.promise;
  }

  take(chunk: Buffer): void {
    const piece = this.#piece;
    for (let at = 0; at < chunk.length; ) {
      const from = this.bytes % piece.length;
      const length = Math.min(chunk.length - at, piece.length - from);
      if (chunk.compare(piece, from, from + length, at, at + length) !== 0) return this.brokeOff(`another byte near ${this.bytes}`);
      at += length;
      this.bytes += length;
    }
    if (this.bytes === this.#totalBytes) this.#whenAll.resolve();
    else if (this.bytes > this.#totalBytes) this.brokeOff('more than was sent');
  }

  /** Does nothing once all has come. */
  brokeOff(why: string): void {
    this.#whenAll.reject(new Error(`${why}; ${this.bytes} of ${this.#totalBytes} bytes had come`));
  }
}
