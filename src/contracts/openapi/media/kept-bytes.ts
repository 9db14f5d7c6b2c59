const FIRST_BYTES = 1024;

/** Bytes put together from pieces, in one buffer that grows: many small pieces cost no more than they hold. */
export class KeptBytes {
  readonly #maxBytes: number;
  #buffer: Buffer | undefined = undefined;
  byteLength = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Memory taken. */
  get heldBytes(): number {
    return this.#buffer?.byteLength ?? 0;
  }

  /** A copy is kept: the piece itself would keep its whole buffer from being freed. False: it would be too much, and nothing was kept of it. */
  add(piece: Uint8Array): boolean {
    const bytes = this.byteLength + piece.byteLength;
    if (bytes > this.#maxBytes) return false;
    if (this.#buffer === undefined || this.#buffer.byteLength < bytes) {
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(bytes * 2, FIRST_BYTES), this.#maxBytes));
      if (this.#buffer !== undefined) larger.set(this.#buffer.subarray(0, this.byteLength));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.byteLength);
    this.byteLength = bytes;
    return true;
  }

  /** Only good until something is added. */
  get bytes(): Uint8Array {
    return this.#buffer?.subarray(0, this.byteLength) ?? NOTHING;
  }

  /** Forgets what there is; the room stays for what comes next. */
  clear(): void {
    this.byteLength = 0;
  }

  /** Gives the room back, too. */
  letGo(): void {
    this.byteLength = 0;
    this.#buffer = undefined;
  }
}

const NOTHING = new Uint8Array(0);
