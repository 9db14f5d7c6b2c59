import { LRUCache } from 'lru-cache';
import type { Exchange } from '../../core/exchange.ts';
import type { Gauge } from '../../core/ports.ts';
import { type KeptAnswer, fits, sameVariant } from './kept-answer.ts';

/** Answers to one target that differ by what `Vary` names. */
const MAX_VARIANTS = 8;
/** Of an entry, beside its key and what it holds. */
const ENTRY_BYTES = 200;

/**
 * Good answers by target, the least recently used going first. It outlives a reload; how much it may hold is said with each answer, by the
 * configuration that the exchange belongs to.
 */
export class LastGood implements Disposable {
  /** Bounded by `put`: this limit is never reached. Of each target the newest variant first. */
  readonly #targets = new LRUCache<string, readonly KeptAnswer[]>({ maxSize: Number.MAX_SAFE_INTEGER });
  #api = '';
  #gauge: Gauge | undefined = undefined;
  #toldBytes = 0;

  get bytes(): number {
    return this.#targets.calculatedSize;
  }

  /** Keeps an answer of at most half of `maxBytes`; returns how many targets had to go for it. */
  put(key: string, kept: KeptAnswer, maxBytes: number): number {
    const variants = [kept];
    let size = ENTRY_BYTES + key.length + kept.bytes;
    const others = this.#targets.peek(key) ?? [];
    // One that was slow to come must not take the place of one that was asked for after it.
    if (others.some((other) => other.askedAt > kept.askedAt && sameVariant(other, kept))) return 0;
    for (const other of others) {
      if (sameVariant(other, kept)) continue;
      if (variants.length === MAX_VARIANTS || size + other.bytes > maxBytes / 2) break;
      variants.push(other);
      size += other.bytes;
    }
    this.#targets.set(key, variants, { size });
    let evicted = 0;
    for (; this.bytes > maxBytes; evicted++) this.#targets.pop();
    return evicted;
  }

  /** The newest answer that this request would have got, if it was asked for at `sinceMs` (monotonic) or later. */
  find(key: string, x: Exchange, sinceMs: number): KeptAnswer | undefined {
    const found = this.#targets.get(key)?.find((kept) => fits(kept, x));
    return found === undefined || found.askedAt < sinceMs ? undefined : found;
  }

  /** What is kept of this target is not so any more. */
  forget(key: string): void {
    this.#targets.delete(key);
  }

  /** No route has it any more. */
  [Symbol.dispose](): void {
    this.#gauge?.dec(this.#toldBytes);
    this.#targets.clear();
  }

  /** Shows how much is kept; several routes may add to one gauge, and a reload may name another. */
  tell(api: string, gauge: Gauge): void {
    if (api !== this.#api) {
      this.#gauge?.dec(this.#toldBytes);
      this.#toldBytes = 0;
      this.#api = api;
      this.#gauge = gauge;
    }
    gauge.inc(this.bytes - this.#toldBytes);
    this.#toldBytes = this.bytes;
  }
}
