import type { Gauge } from '../core/ports.ts';

/** How many exchanges may speak another protocol at a time (EV-8): each holds two connections for hours. */
export class UpgradeLimit {
  readonly #limit: number;
  readonly #gauge: Gauge;
  #open = 0;

  constructor(limit: number, gauge: Gauge) {
    this.#limit = limit;
    this.#gauge = gauge;
  }

  /** False: there is no place; whoever got one gives it back with `release`. */
  take(): boolean {
    if (this.#open >= this.#limit) return false;
    this.#open += 1;
    this.#gauge.inc();
    return true;
  }

  release(): void {
    this.#open -= 1;
    this.#gauge.dec();
  }
}
