import { Children, bornAtLoad } from '../../core/children.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import { isSafe } from '../../core/rejection.ts';
import { idempotencyMetrics } from './metrics.ts';

const OUTCOMES = [
  'new',
  'replayed',
  'mismatch',
  'in_flight',
  'unknown',
  'not_kept',
  'expired',
  'missing',
  'invalid',
  'bypassed',
  'unavailable',
  'overload',
] as const;

export type IdempotencyOutcome = (typeof OUTCOMES)[number];

/** All that is counted of one operation, born together at 0 so that a first increase is seen. */
type Series = Readonly<Record<IdempotencyOutcome | 'stale' | 'suspected', Counter>>;

/** The counters of one route, by operation. As many as its contract has operations: the label is never traffic's to invent. */
export class Counts {
  readonly #byOperation: Children<Series>;

  constructor(meter: Meter, route: RouteSpec) {
    const { api } = route;
    const [outcomes, stale, suspected] = [
      meter.counter(idempotencyMetrics.requests),
      meter.counter(idempotencyMetrics.stale),
      meter.counter(idempotencyMetrics.suspected),
    ];
    this.#byOperation = new Children((operation) => {
      const each = OUTCOMES.map((outcome) => [outcome, outcomes.with(api, operation, outcome)] as const);
      const series = Object.fromEntries(each) as Record<IdempotencyOutcome, Counter>;
      return { ...series, stale: stale.with(api, operation), suspected: suspected.with(api, operation) };
    });
    for (const { id, method } of bornAtLoad(route)) if (!isSafe(method.toUpperCase())) this.#byOperation.get(id);
  }

  of(operation: string): Series {
    return this.#byOperation.get(operation);
  }
}
