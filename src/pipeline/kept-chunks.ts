import type { Copy, Unread } from '../core/stage.ts';
import type { ByteBudget } from './byte-budget.ts';

/** A chunk costs Node some 400 bytes beside its own: kept by itself, a byte a chunk would take 400 times what the budget counts. */
const SMALL_BYTES = 1024;
/** Small chunks after the first are put together in pieces of this size. */
const JOINED_BYTES = 4096;

/**
 * The first chunks of a body, kept as long as somebody may want all of them: the chunks themselves, only small ones are put together,
 * counted against the process's budget. Over the limit or the budget they are let go at once and why is remembered.
 */
export class KeptChunks {
  readonly #budget: ByteBudget;
  #chunks: Uint8Array[] = [];
  /** Where small chunks are put together; what of it is used, and from where it is not among the chunks yet. */
  #joined: Uint8Array | undefined = undefined;
  #joinedFrom = 0;
  #joinedTo = 0;
  #keptBytes = 0;
  #limitBytes = 0;
  #lost: Unread | undefined = undefined;
  seenBytes = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** Everything that went by is here. */
  get whole(): boolean {
    return this.#lost === undefined && this.#keptBytes === this.seenBytes;
  }

  get lost(): Unread | undefined {
    return this.#lost ?? (this.whole ? undefined : 'too_large');
  }

  get chunks(): readonly Uint8Array[] {
    this.#seal();
    return this.#chunks;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** Somebody wants up to this many bytes. Must be called before the first byte goes by to be of use. */
  want(maxBytes: number): void {
    if (maxBytes > this.#limitBytes) this.#limitBytes = maxBytes;
  }

  /** False: this chunk and all later ones are not kept. Those kept before stay until `letGo`. */
  add(chunk: Uint8Array): boolean {
    this.seenBytes += chunk.byteLength;
    if (this.#lost !== undefined) return false;
    if (this.seenBytes > this.#limitBytes) {
      this.#lost = 'too_large';
      return false;
    }
    if (!this.#budget.take(chunk.byteLength)) {
      this.#lost = 'overload';
      return false;
    }
    this.#keptBytes += chunk.byteLength;
    if (chunk.byteLength < SMALL_BYTES && this.#chunks.length > 0) this.#join(chunk);
    else {
      this.#seal();
      this.#chunks.push(chunk);
    }
    return true;
  }

  #join(chunk: Uint8Array): void {
    if (this.#joined === undefined || this.#joinedTo + chunk.byteLength > JOINED_BYTES) {
      this.#seal();
      this.#joined = Buffer.allocUnsafeSlow(JOINED_BYTES);
      this.#joinedFrom = this.#joinedTo = 0;
    }
    this.#joined.set(chunk, this.#joinedTo);
    this.#joinedTo += chunk.byteLength;
  }

  /** What was put together becomes a chunk. */
  #seal(): void {
    if (this.#joinedTo === this.#joinedFrom) return;
    this.#chunks.push((this.#joined as Uint8Array).subarray(this.#joinedFrom, this.#joinedTo));
    this.#joinedFrom = this.#joinedTo;
  }

  /** Forgets the chunks and gives their bytes back; nothing is kept from here on. */
  letGo(): void {
    if (this.#keptBytes > 0) this.#budget.release(this.#keptBytes);
    this.#lost ??= 'too_large';
    this.#keptBytes = 0;
    this.#chunks = [];
    this.#joined = undefined;
    this.#joinedFrom = this.#joinedTo = 0;
  }

  /** What `onCopy` is handed. */
  copy(maxBytes: number): Copy {
    if (!this.whole) return { chunks: undefined, unread: this.lost, bytes: this.seenBytes };
    if (this.seenBytes > maxBytes) return { chunks: undefined, unread: 'too_large', bytes: this.seenBytes };
    return { chunks: this.chunks, unread: undefined, bytes: this.seenBytes };
  }
}
