import { Children } from '../../core/children.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import type { RateLimitConfig } from './config.ts';
import type { Asked } from './limit-group.ts';
import { rateLimitMetrics } from './metrics.ts';
import type { Taken } from './take-script.ts';

type Decision = 'allowed' | 'rejected' | 'shadow' | 'degraded';

/**
 * `rate_limit_decisions_total` for a group of limits. Each request counts once at a limit: at all that it passed, or, if it was stopped, at
 * those alone that would have stopped it.
 */
export class Decisions {
  readonly #shadow: readonly boolean[];
  /** By limit and decision; found by the consumer. */
  readonly #counters: ReadonlyArray<Readonly<Record<Decision, Children<Counter>>>>;

  constructor(limits: readonly RateLimitConfig[], { api }: RouteSpec, meter: Meter) {
    const family = meter.counter(rateLimitMetrics.decisions);
    this.#shadow = limits.map(({ shadow }) => shadow);
    this.#counters = limits.map(({ name }) => {
      const of = (decision: Decision): Children<Counter> => new Children((consumer) => family.with(api, name, consumer, decision));
      return { allowed: of('allowed'), rejected: of('rejected'), shadow: of('shadow'), degraded: of('degraded') };
    });
  }

  passed({ taken, numbers }: Asked, consumer: string): void {
    for (let i = 0; i < taken.length; i++) {
      const counters = this.#counters[i] as Record<Decision, Children<Counter>>;
      if (!(taken[i] as Taken).allowed) counters.shadow.get(consumer).inc();
      else if (numbers.degraded) counters.degraded.get(consumer).inc();
      else counters.allowed.get(consumer).inc();
    }
  }

  stopped({ taken }: Asked, consumer: string): void {
    for (let i = 0; i < taken.length; i++) {
      if ((taken[i] as Taken).allowed) continue;
      const counters = this.#counters[i] as Record<Decision, Children<Counter>>;
      if (this.#shadow[i] === true) counters.shadow.get(consumer).inc();
      else counters.rejected.get(consumer).inc();
    }
  }

  /** Refused as nobody could be asked. */
  unasked(consumer: string): void {
    for (const { degraded } of this.#counters) degraded.get(consumer).inc();
  }

  /** No room or no time to wait at any of these limits. */
  turnedAway(consumer: string): void {
    for (const { rejected } of this.#counters) rejected.get(consumer).inc();
  }
}
