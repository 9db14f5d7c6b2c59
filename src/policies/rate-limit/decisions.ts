import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import type { RateLimitConfig } from './config.ts';
import type { Asked } from './limit-group.ts';
import { rateLimitMetrics } from './metrics.ts';
import type { Taken } from './take-script.ts';

type Decision = 'allowed' | 'rejected' | 'shadow' | 'degraded';

/** Consumers whose counters one limit remembers; the registry folds those that are too many. */
const MAX_KNOWN = 2000;

/** Counters of one limit and decision, found by the consumer. */
class ByConsumer {
  readonly #known = new Map<string, Counter>();
  readonly #make: (consumer: string) => Counter;

  constructor(make: (consumer: string) => Counter) {
    this.#make = make;
  }

  inc(consumer: string): void {
    let counter = this.#known.get(consumer);
    if (counter === undefined) {
      counter = this.#make(consumer);
      if (this.#known.size < MAX_KNOWN) this.#known.set(consumer, counter);
    }
    counter.inc();
  }
}

/**
 * `rate_limit_decisions_total` for a group of limits. Each request counts once at a limit: at all that it passed, or, if it was stopped, at
 * those alone that would have stopped it.
 */
export class Decisions {
  readonly #shadow: readonly boolean[];
  readonly #counters: ReadonlyArray<Readonly<Record<Decision, ByConsumer>>>;

  constructor(limits: readonly RateLimitConfig[], { api }: RouteSpec, meter: Meter) {
    const family = meter.counter(rateLimitMetrics.decisions);
    this.#shadow = limits.map(({ shadow }) => shadow);
    this.#counters = limits.map(({ name }) => {
      const of = (decision: Decision): ByConsumer => new ByConsumer((consumer) => family.with(api, name, consumer, decision));
      return { allowed: of('allowed'), rejected: of('rejected'), shadow: of('shadow'), degraded: of('degraded') };
    });
  }

  passed({ taken, numbers }: Asked, consumer: string): void {
    for (let i = 0; i < taken.length; i++) {
      const counters = this.#counters[i] as Record<Decision, ByConsumer>;
      if (!(taken[i] as Taken).allowed) counters.shadow.inc(consumer);
      else if (numbers.degraded) counters.degraded.inc(consumer);
      else counters.allowed.inc(consumer);
    }
  }

  stopped({ taken }: Asked, consumer: string): void {
    for (let i = 0; i < taken.length; i++) {
      if ((taken[i] as Taken).allowed) continue;
      const counters = this.#counters[i] as Record<Decision, ByConsumer>;
      if (this.#shadow[i] === true) counters.shadow.inc(consumer);
      else counters.rejected.inc(consumer);
    }
  }

  /** Refused as nobody could be asked. */
  unasked(consumer: string): void {
    for (const { degraded } of this.#counters) degraded.inc(consumer);
  }

  /** No room or no time to wait at any of these limits. */
  turnedAway(consumer: string): void {
    for (const { rejected } of this.#counters) rejected.inc(consumer);
  }
}
