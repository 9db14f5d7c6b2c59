import type { Counter, Family } from '../../core/ports.ts';

export type IdempotencyOutcome =
  | 'new'
  | 'replayed'
  | 'mismatch'
  | 'in_flight'
  | 'unknown'
  | 'not_kept'
  | 'expired'
  | 'missing'
  | 'invalid'
  | 'bypassed'
  | 'unavailable'
  | 'overload';

/** The counters of one route, by operation and outcome. As many as its contract has operations: the label is never traffic's to invent. */
export class OutcomeCounters {
  readonly #family: Family<Counter, readonly ['api', 'operation', 'outcome']>;
  readonly #api: string;
  readonly #byOperation = new Map<string, Partial<Record<IdempotencyOutcome, Counter>>>();

  constructor(family: Family<Counter, readonly ['api', 'operation', 'outcome']>, api: string) {
    this.#family = family;
    this.#api = api;
  }

  count(operation: string, outcome: IdempotencyOutcome): void {
    let counters = this.#byOperation.get(operation);
    if (counters === undefined) {
      counters = {};
      this.#byOperation.set(operation, counters);
    }
    counters[outcome] ??= this.#family.with(this.#api, operation, outcome);
    counters[outcome].inc();
  }
}
