import { Children, bornAtLoad } from '../../core/children.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Family } from '../../core/ports.ts';
import { isSafe } from '../../core/rejection.ts';

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

/** The counters of one route, by operation and outcome. As many as its contract has operations: the label is never traffic's to invent. */
export class OutcomeCounters {
  readonly #byOperation: Children<Record<IdempotencyOutcome, Counter>>;

  constructor(family: Family<Counter, readonly ['api', 'operation', 'outcome']>, route: RouteSpec) {
    this.#byOperation = new Children(
      (operation) =>
        Object.fromEntries(OUTCOMES.map((outcome) => [outcome, family.with(route.api, operation, outcome)])) as Record<
          IdempotencyOutcome,
          Counter
        >,
    );
    for (const { id, method } of bornAtLoad(route)) if (!isSafe(method.toUpperCase())) this.#byOperation.get(id);
  }

  count(operation: string, outcome: IdempotencyOutcome): void {
    this.#byOperation.get(operation)[outcome].inc();
  }
}
