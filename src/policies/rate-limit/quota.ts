import type { RouteSpec } from '../../core/policy.ts';
import type { Gauge, Meter } from '../../core/ports.ts';
import type { Announced } from './announced.ts';
import type { RateLimitConfig } from './config.ts';
import { type Limit, passingNow } from './gcra.ts';
import { rateLimitMetrics } from './metrics.ts';

/** What is shown of an outbound limit. Not of a generation: a reload must not forget what the partner said. */
export class Quota {
  readonly #remaining: Gauge;
  readonly #limit: Gauge;
  /** The partner has said what is left: its numbers are shown from then on, and ours, which say something else, are not. */
  #announced = false;
  #most = 0;

  constructor(name: string, burst: number, { api }: RouteSpec, meter: Meter) {
    this.#remaining = meter.gauge(rateLimitMetrics.quotaRemaining).with(api, name);
    this.#limit = meter.gauge(rateLimitMetrics.quotaLimit).with(api, name);
    this.#remaining.set(burst);
  }

  /** What is configured, which a reload may have changed. */
  configured({ burst }: RateLimitConfig): void {
    if (!this.#announced) this.#limit.set(burst);
  }

  counted(level: number, { burst }: Limit): void {
    if (!this.#announced) this.#remaining.set(passingNow(level, burst));
  }

  /** Where it does not say from how many it counts, that is the most that it has ever said to be left. */
  announce({ limit, remaining }: Announced): void {
    if (remaining === undefined) return;
    this.#announced = true;
    this.#most = Math.max(this.#most, remaining);
    this.#limit.set(limit ?? this.#most);
    this.#remaining.set(remaining);
  }
}
