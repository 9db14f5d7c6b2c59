import type { Clock } from '../../core/ports.ts';

/** The clocks may move apart by this before the offset is taken anew. */
const TOLERANCE_MS = 50;

/**
 * What turns instants of the monotonic clock into wall time. Read once and kept, so that the spans of a trace stand to each other as they
 * were measured, whichever batch they leave in; taken anew only where the wall clock was set, or has drifted away.
 */
export class WallOffset {
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = this.#now();
  }

  /** Milliseconds to add. */
  ms(): number {
    const now = this.#now();
    if (Math.abs(now - this.#offsetMs) > TOLERANCE_MS) this.#offsetMs = now;
    return this.#offsetMs;
  }

  #now(): number {
    return this.#clock.wallMs() - this.#clock.monotonicMs();
  }
}
