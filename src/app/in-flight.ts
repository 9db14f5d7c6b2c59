/** Something that knows its own place, so that it can be taken out without a search. Set by `InFlight` alone. */
export interface Placed {
  slot: number;
}

const OVER = -2;

/**
 * What has begun and not ended. An array in which the last takes the place of the one that leaves: a Set keeps its old hash tables
 * as it is filled and emptied, and in them, once they are old, everything that ever was in it until the next full collection (measured: half the
 * throughput). Nothing is allocated for a request once the array has had its longest.
 */
export class InFlight<T extends Placed> {
  /** Never shortened; what is beyond `size` is undefined. */
  readonly #places: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** One that was removed before it was added has ended already, and stays out. */
  add(one: T): void {
    if (one.slot === OVER) return;
    one.slot = this.#size;
    this.#places[this.#size] = one;
    this.#size += 1;
  }

  /** For good: it is never added again. */
  remove(one: T): void {
    const at = one.slot;
    if (at >= 0) {
      this.#size -= 1;
      const last = this.#places[this.#size] as T;
      this.#places[at] = last;
      last.slot = at;
      this.#places[this.#size] = undefined;
    }
    one.slot = OVER;
  }

  /** All of this moment: they may leave while they are gone through. */
  all(): T[] {
    return this.#places.slice(0, this.#size) as T[];
  }
}
