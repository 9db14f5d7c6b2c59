const NOTHING = Buffer.alloc(0);

/** What has come on a connection and was not taken yet. */
export class Input {
  bytes: Buffer = NOTHING;
  /** Where in `bytes` the rest begins. */
  at = 0;
  /** `bytes` is a view of memory that will be written over. */
  #borrowed = false;

  get unreadBytes(): number {
    return this.bytes.length - this.at;
  }

  /** `view` is good until `keep` is called, which must be before the next reading. */
  lend(view: Buffer): void {
    const unread = this.unreadBytes;
    this.#borrowed = unread === 0;
    this.bytes = unread === 0 ? view : Buffer.concat([this.bytes.subarray(this.at), view]);
    this.at = 0;
  }

  /** What nobody has taken becomes ours. */
  keep(): void {
    if (this.at === this.bytes.length) this.clear();
    else if (this.#borrowed) this.#own();
  }

  /** The next `bytes` at most: memory that nobody writes to again. */
  take(bytes: number): Buffer {
    const from = this.at;
    const to = Math.min(this.bytes.length, from + bytes);
    this.at = to;
    const piece = from === 0 && to === this.bytes.length ? this.bytes : this.bytes.subarray(from, to);
    return this.#borrowed ? Buffer.from(piece) : piece;
  }

  /** All that is unread, as memory that nobody writes to again; `at` tells where in it to go on. */
  owned(): Buffer {
    if (this.#borrowed) this.#own();
    return this.bytes;
  }

  clear(): void {
    this.bytes = NOTHING;
    this.at = 0;
    this.#borrowed = false;
  }

  #own(): void {
    this.bytes = Buffer.from(this.bytes.subarray(this.at));
    this.at = 0;
    this.#borrowed = false;
  }
}
