import { isCallersRetry } from '../../core/caller-retries.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { ExchangeOutcome } from '../../core/outcome.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import type { SuppressReason } from '../../core/stage.ts';
import { Children } from '../../core/children.ts';
import { retryMetrics } from './metrics.ts';

/** What exchanges tell of retries: those that were made, those that were not, and those of the caller. Most tell nothing, and cost nothing. */
export class RetryCounts {
  readonly #made: Children<Counter>;
  readonly #outcomes: Children<Counter>;
  readonly #suppressed: Children<Counter>;
  readonly #callers: Children<Counter>;

  constructor({ api }: RouteSpec, meter: Meter) {
    const twoKeys = (family: { with(api: string, operation: string, value: string): Counter }): Children<Counter> =>
      new Children((key) => family.with(api, ...(key.split('\n') as [string, string])));
    this.#made = twoKeys(meter.counter(retryMetrics.made));
    this.#outcomes = twoKeys(meter.counter(retryMetrics.outcomes));
    this.#suppressed = twoKeys(meter.counter(retryMetrics.suppressed));
    const callers = meter.counter(retryMetrics.callers);
    this.#callers = new Children((operation) => callers.with(api, operation));
  }

  /** The series of an operation whose labels are fixed, at 0, so that a first increase is seen. */
  born(operation: string): void {
    for (const outcome of ['succeeded', 'failed']) this.#outcomes.get(`${operation}\n${outcome}`);
    for (const reason of SUPPRESSED) this.#suppressed.get(`${operation}\n${reason}`);
    this.#callers.get(operation);
  }

  count(x: Exchange, outcome: ExchangeOutcome): void {
    const { retryReasons, retrySuppressed, operationId } = x;
    // A try that was still waited for when the exchange ended was not made.
    if (x.attempts > 1) {
      for (const reason of retryReasons.slice(0, x.attempts - 1)) this.#made.get(`${operationId}\n${reason}`).inc();
      this.#outcomes.get(`${operationId}\n${hasFailed(x, outcome) ? 'failed' : 'succeeded'}`).inc();
    }
    if (retrySuppressed !== undefined) this.#suppressed.get(`${operationId}\n${retrySuppressed}`).inc();
    if (isCallersRetry(x)) this.#callers.get(operationId).inc();
  }
}

/** One more try was wanted, or the answer is one of the gateway's own, of a server that could not, or none; a fallback mends none of that. */
function hasFailed({ retrySuppressed }: Exchange, { status, code }: ExchangeOutcome): boolean {
  return retrySuppressed !== undefined || code !== '' || status >= 500;
}

const SUPPRESSED: readonly SuppressReason[] = ['not_repeatable', 'body_too_large', 'attempts', 'stacked', 'budget', 'deadline', 'circuit'];
