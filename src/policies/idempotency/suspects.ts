import type { Clock } from '../../core/ports.ts';

const SLOTS = 4096;
const WINDOW_MS = 60_000;

/**
 * Requests of the last minute that came without a key, by a hash of all that makes them equal. A table of fixed size: where two fall into
 * one slot the older is forgotten, so that some duplicates are missed and none is made up.
 */
export class Suspects {
  readonly #clock: Clock;
  #hashes: Float64Array | undefined = undefined;
  #seenAt: Float64Array | undefined = undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it was there within the last minute; it is from now on. `hash`: at least 16 hexadecimal digits. */
  seen(hash: string): boolean {
    this.#hashes ??= new Float64Array(SLOTS);
    this.#seenAt ??= new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);
    const slot = Number.parseInt(hash.slice(0, 3), 16);
    const rest = Number.parseInt(hash.slice(3, 16), 16);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#hashes[slot] === rest && nowMs - (this.#seenAt[slot] as number) < WINDOW_MS;
    this.#hashes[slot] = rest;
    this.#seenAt[slot] = nowMs;
    return known;
  }
}
