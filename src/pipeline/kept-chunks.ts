import type { Copy, Unread } from '../core/stage.ts';
import type { ByteBudget } from './byte-budget.ts';

/**
 * The first chunks of a body, kept as long as somebody may want all of them: the chunks themselves, not copies, counted against
 * the process's budget. Over the limit or the budget they are let go at once and why is remembered.
 */
export class KeptChunks {
  readonly #budget: ByteBudget;
  #chunks: Uint8Array[] = [];
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
    this.#chunks.push(chunk);
    return true;
  }

  /** Forgets the chunks and gives their bytes back; nothing is kept from here on. */
  letGo(): void {
    if (this.#keptBytes > 0) this.#budget.release(this.#keptBytes);
    this.#lost ??= 'too_large';
    this.#keptBytes = 0;
    this.#chunks = [];
  }

  /** What `onCopy` is handed. */
  copy(maxBytes: number): Copy {
    if (!this.whole) return { chunks: undefined, unread: this.lost, bytes: this.seenBytes };
    if (this.seenBytes > maxBytes) return { chunks: undefined, unread: 'too_large', bytes: this.seenBytes };
    return { chunks: this.#chunks, unread: undefined, bytes: this.seenBytes };
  }
}
