import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Gauge, Timer, Timers } from '../../core/ports.ts';
import type { Announced } from './announced.ts';
import type { RateLimitConfig } from './config.ts';
import { type Limit, levelAt, passingNow } from './gcra.ts';
import { rateLimitMetrics } from './metrics.ts';

/** How often what has come back meanwhile is shown. */
const STEP_MS = 1000;
/** A partner can't close a key for longer than this at a time, whatever it says. */
export const MAX_CLOSED_MS = 600_000;

/** What is shown of an outbound limit. Not of a generation: a reload must not forget what the partner said. */
export class Quota {
  readonly #remaining: Gauge;
  readonly #limit: Gauge;
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** The partner has said what is left: its numbers are shown from then on, and ours, which say something else, are not. */
  #announced = false;
  #most = 0;
  #level = 0;
  #countedAt = 0;
  #numbers: Limit | undefined;
  /** A timer will show what has come back. */
  #waits = false;
  /** Runs out when what the partner has closed is open again; its next word takes its place. */
  #closed: Timer | undefined;

  constructor(name: string, burst: number, { api }: RouteSpec, { meter, clock, timers }: Deps) {
    this.#remaining = meter.gauge(rateLimitMetrics.quotaRemaining).with(api, name);
    this.#limit = meter.gauge(rateLimitMetrics.quotaLimit).with(api, name);
    this.#clock = clock;
    this.#timers = timers;
    this.#remaining.set(burst);
  }

  /** What is configured, which a reload may have changed. */
  configured({ burst }: RateLimitConfig): void {
    if (!this.#announced) this.#limit.set(burst);
  }

  counted(level: number, numbers: Limit): void {
    if (this.#announced) return;
    this.#level = level;
    this.#countedAt = this.#clock.monotonicMs();
    this.#numbers = numbers;
    this.#show();
  }

  /** Nobody asks a limit that nobody needs, and it fills all the same: what was left last would look used up for ever. */
  #show(): void {
    if (this.#announced || this.#numbers === undefined) return;
    const { intervalMs, burst } = this.#numbers;
    const left = passingNow(levelAt(this.#level, this.#countedAt, this.#clock.monotonicMs(), intervalMs, burst), burst);
    this.#remaining.set(left);
    if (left === burst || this.#waits) return;
    this.#waits = true;
    this.#timers.after(Math.max(STEP_MS, intervalMs), () => {
      this.#waits = false;
      this.#show();
    });
  }

  /** Where it does not say from how many it counts, that is the most that it has ever said to be left. */
  announce({ limit, remaining, closedMs }: Announced): void {
    if (remaining === undefined) return;
    this.#announced = true;
    this.#most = Math.max(this.#most, remaining);
    const full = limit ?? this.#most;
    this.#limit.set(full);
    this.#remaining.set(remaining);
    this.#closed?.cancel();
    this.#closed = undefined;
    if (remaining > 0 || closedMs <= 0) return;
    // It has said until when there is nothing: after that its number would be wrong, and nobody may ask for long.
    this.#closed = this.#timers.after(Math.min(closedMs, MAX_CLOSED_MS), () => this.#remaining.set(full));
  }
}
