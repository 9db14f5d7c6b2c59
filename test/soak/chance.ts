/** Chance that comes again: the same numbers for the same seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Evenly spread over 0 (inclusive) to 1 (exclusive). Not for secrets. */
  unit(): number {
    // mulberry32, by Tommy Ettinger (public domain): 32 bits of state are enough for a load.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** True in `share` of all cases. */
  happens(share: number): boolean {
    return this.unit() < share;
  }

  /** A whole number from 0 to `below` − 1. */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }

  /** One of them, as often as its weight says. */
  pick<T>(weights: ReadonlyArray<readonly [weight: number, value: T]>): T {
    let at = this.unit() * weights.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of weights) {
      at -= weight;
      if (at < 0) return value;
    }
    return (weights.at(-1) as readonly [number, T])[1];
  }
}
