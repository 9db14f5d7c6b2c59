const BUCKETS = 10;

export type Counted = 'good' | 'failed' | 'slow';

/**
 * How many calls ended within the last while, and how many of them failed or were slow. Ten buckets of a tenth of the time each: what is
 * counted is between nine tenths and the whole of it old, at no cost that depends on the number of calls.
 */
export class CallWindow {
  readonly windowMs: number;
  readonly #bucketMs: number;
  readonly #calls = new Uint32Array(BUCKETS);
  readonly #failed = new Uint32Array(BUCKETS);
  readonly #slow = new Uint32Array(BUCKETS);
  /** The bucket of the last call, counted from the beginning of time. */
  #at = 0;
  calls = 0;
  failed = 0;
  slow = 0;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
    this.#bucketMs = windowMs / BUCKETS;
  }

  /** `now`: monotonic milliseconds, never less than before. */
  add(what: Counted, now: number): void {
    const at = Math.floor(now / this.#bucketMs);
    if (at !== this.#at) this.#moveTo(at);
    const i = at % BUCKETS;
    this.calls += 1;
    this.#calls[i] = (this.#calls[i] as number) + 1;
    if (what === 'good') return;
    this[what] += 1;
    const bad = what === 'failed' ? this.#failed : this.#slow;
    bad[i] = (bad[i] as number) + 1;
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failed.fill(0);
    this.#slow.fill(0);
    this.calls = this.failed = this.slow = 0;
  }

  #moveTo(at: number): void {
    if (at - this.#at >= BUCKETS) this.clear();
    else for (let n = this.#at + 1; n <= at; n++) this.#empty(n % BUCKETS);
    this.#at = at;
  }

  #empty(i: number): void {
    this.calls -= this.#calls[i] as number;
    this.failed -= this.#failed[i] as number;
    this.slow -= this.#slow[i] as number;
    this.#calls[i] = this.#failed[i] = this.#slow[i] = 0;
  }
}
