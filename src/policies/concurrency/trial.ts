import { type Mean, Samples } from './samples.ts';

/** A try that set out. */
export interface Departure {
  /** Tries that waited for their answer then, itself included. */
  readonly load: number;
  /** Under which conditions it set out; samples of others are not mixed. */
  readonly period: number;
}

/** How a try came back. */
export type Return = 'answered' | 'timed_out';

/** It is about those that set out within so long from its beginning, so many at least. */
const COHORT_MS = 100;
const MIN_COHORT = 20;
/** And so many of them must be back: the fast ones come back first. */
const BACK = 0.9;

/** Half the load, tried out: how long answers take then. Those that set out first are looked at, until all of them are back. */
export class Trial {
  /** How many may wait for their answer. */
  readonly half: number;
  readonly #period: number;
  readonly #samples = new Samples();
  #size = 0;
  #back = 0;
  /** Since when no more are looked at. */
  #fullAt: number | undefined = undefined;

  /** `period`: of those who set out in it. */
  constructor(half: number, period: number, now: number) {
    this.half = half;
    this.#period = period;
    this.#samples.begin(now);
  }

  /** Whether who sets out now is looked at. */
  enlists(now: number): boolean {
    if (this.#fullAt !== undefined) return false;
    if (this.#size >= MIN_COHORT && now - this.#samples.beganAt >= COHORT_MS) {
      this.#fullAt = now;
      return false;
    }
    this.#size += 1;
    return true;
  }

  sample(ms: number, from: Departure, how: Return): void {
    if (from.period === this.#period) this.#samples.add(ms, from.load, from.load, how);
  }

  /** A try is back, and its sample was told if it has one. True: they all are. */
  back(from: Departure): boolean {
    if (from.period !== this.#period) return false;
    this.#back += 1;
    return this.#fullAt !== undefined && this.#back === this.#size;
  }

  /** Undefined: it says nothing. */
  result(now: number): Mean | undefined {
    if (this.#fullAt === undefined || this.#back < this.#size * BACK || this.#samples.count === 0) return undefined;
    // Of those that are still out it is known how long they have taken at least.
    for (let out = this.#size - this.#back; out > 0; out--) this.#samples.add(now - this.#fullAt, 0, 0, 'answered');
    return this.#samples.mean;
  }
}
