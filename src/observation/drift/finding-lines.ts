import type { Clock, Counter, Logger, Meter } from '../../core/ports.ts';
import { observationMetrics } from '../metrics.ts';

/** Lines that may come at once, and those that may be written again in a second. */
const AT_ONCE = 50;
const A_SECOND = 1;

/** What a line of a new finding has (configuration.md, Admin API). */
export interface FindingLine {
  readonly id: string;
  readonly kind: string;
  readonly api: string;
  readonly operation: string;
  readonly pointer: string;
  readonly consumer: string;
  /** Types, formats, names; never a value of a payload that may not be shown. */
  readonly evidence: object;
  /** Further ones. */
  readonly [field: string]: unknown;
}

/** One line for what was found; so few that a contract that is wrong altogether does not fill the log. What is left out is counted. */
export class FindingLines {
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #leftOut: Counter;
  #tokens = AT_ONCE;
  #at: number;

  constructor(clock: Clock, logger: Logger | undefined, meter: Meter) {
    this.#clock = clock;
    this.#logger = logger;
    this.#leftOut = meter.counter(observationMetrics.dropped).with('finding_lines');
    this.#at = clock.monotonicMs();
  }

  write(line: FindingLine): void {
    const now = this.#clock.monotonicMs();
    this.#tokens = Math.min(AT_ONCE, this.#tokens + ((now - this.#at) / 1000) * A_SECOND);
    this.#at = now;
    if (this.#tokens < 1) return this.#leftOut.inc();
    this.#tokens -= 1;
    this.#logger?.warn(line, 'drift.finding');
  }
}
