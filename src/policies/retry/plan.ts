import type { Attempt, Exchange } from '../../core/exchange.ts';
import { isStacked } from '../../core/caller-retries.ts';
import { forwardedTimeoutMs } from '../../core/forwarded-timeout.ts';
import { headerValue } from '../../core/headers.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Random } from '../../core/ports.ts';
import type { Answer, NextTry, RetryPlan, SuppressReason } from '../../core/stage.ts';
import { backoffMs } from './backoff.ts';
import { RetryBudget } from './budget.ts';
import { type Cause, causeOf, causeUnsent } from './cause.ts';
import type { RetryConfig } from './config.ts';
import { retryAfterMs } from '../../core/retry-after.ts';

/** The longest that a `Retry-After` is waited for where no deadline says how long the caller waits. */
const PATIENCE_MS = 10_000;

/** RT-1. TRACE, idempotent too, is not among them. */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'PUT', 'DELETE']);

type Rule = Omit<RetryConfig, 'on'> & { readonly causeOf: (t: Attempt, answer: Answer) => Cause | undefined };

/** Whether, and after which pause, a request is sent again (semantics RT). Asked after every try. */
class Plan implements RetryPlan {
  readonly keepBytes: number;
  readonly #rule: Rule;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Outlives the plan: a reload forgets no retry. */
  readonly #budget: RetryBudget;

  constructor(rule: Rule, clock: Clock, random: Random, budget: RetryBudget) {
    this.keepBytes = rule.keepBytes;
    this.#rule = rule;
    this.#clock = clock;
    this.#random = random;
    this.#budget = budget;
  }

  next(x: Exchange, t: Attempt, answer: Answer, admitted: () => boolean): undefined | NextTry | SuppressReason {
    if (t.number === 1) this.#budget.countRequest(t.startedAt);
    const cause = this.#rule.causeOf(t, answer);
    if (cause === undefined) return undefined;
    const askedMs = answer.origin === 'upstream' ? retryAfterMs(answer.headers, this.#clock.wallMs()) : undefined;
    const backoff = backoffMs(this.#rule.backoff, t.number, this.#random.unit());
    const delayMs = askedMs === undefined ? backoff : Math.max(askedMs, backoff);
    const fits = this.#fits(x, delayMs, askedMs);
    if (cause === '429' && (askedMs === undefined || !fits)) return undefined; // RT-3
    return this.#suppressed(x, t, fits, admitted) ?? { delayMs };
  }

  /** The first no of RT-8, in its order. A yes is counted. */
  #suppressed(x: Exchange, t: Attempt, fits: boolean, admitted: () => boolean): SuppressReason | undefined {
    const { attempts, budget } = this.#rule;
    const now = this.#clock.monotonicMs();
    if (!this.#isRepeatable(x, t)) return 'not_repeatable';
    if (!this.#isBodyKept(x, t)) return 'body_too_large';
    if (t.number >= attempts) return 'attempts';
    if (isStacked(x)) return 'stacked';
    if (!this.#budget.allows(now, budget)) return 'budget';
    if (!fits) return 'deadline';
    if (!admitted()) return 'circuit';
    this.#budget.countRetry(now);
    return undefined;
  }

  /** RT-1 (RFC 9110 §9.2.2). */
  #isRepeatable({ request, keyed }: Exchange, t: Attempt): boolean {
    if (t.sent === 'nothing' || REPEATABLE.has(request.method)) return true;
    return this.#rule.upstreamHonoursKey && (keyed || (headerValue(request.headers, 'idempotency-key') ?? '') !== '');
  }

  /** RT-5: all that has come can be sent again; under an answer that came before the body had ended nothing is (EV-1). */
  #isBodyKept({ requestBody }: Exchange, t: Attempt): boolean {
    return requestBody.replayable && requestBody.receivedBytes <= this.keepBytes && !t.answeredEarly;
  }

  /** Whether there is time for the pause and a try after it (RT-6, RT-8). */
  #fits({ deadlineAt }: Exchange, delayMs: number, askedMs: number | undefined): boolean {
    if (deadlineAt === undefined) return askedMs === undefined || askedMs <= PATIENCE_MS;
    return forwardedTimeoutMs(deadlineAt - this.#clock.monotonicMs() - delayMs) > 0;
  }
}

function plan(rule: Rule, route: RouteSpec, { clock, random, live }: Deps): RetryPlan {
  const budget = live(`retry:${route.name}:${route.upstream}`, () => new RetryBudget());
  return Object.freeze(new Plan(rule, clock, random, budget));
}

/** The plan of a route with a `retry` block. */
export function retryPlan(config: RetryConfig, route: RouteSpec, deps: Deps): RetryPlan {
  const on = new Set<Cause>(config.on);
  // Lost before a byte was written: a reset of a connection, and as harmless as one that could not be made.
  if (on.has('connect') || on.has('reset')) on.add('unsent');
  const listed = (t: Attempt, answer: Answer): Cause | undefined => {
    const cause = causeOf(t, answer);
    return cause !== undefined && on.has(cause) ? cause : undefined;
  };
  return plan({ ...config, causeOf: listed }, route, deps);
}

/** RT-2: what every route does without one. */
const UNSENT: Rule = Object.freeze({
  causeOf: causeUnsent,
  attempts: 2,
  keepBytes: 64 * 1024,
  upstreamHonoursKey: false,
  backoff: { baseMs: 0, maxMs: 0 },
  budget: { ratio: 0.2, minPerSecond: 10 },
});

/** The plan of a route without a `retry` block: what the upstream provably never saw, and what was reset on a kept connection (RT-2). */
export function retryUnsent(route: RouteSpec, deps: Deps): RetryPlan {
  return plan(UNSENT, route, deps);
}
