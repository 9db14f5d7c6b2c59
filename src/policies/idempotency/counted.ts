import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Family } from '../../core/ports.ts';

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

/** Requests that have no effect which a repetition could double (RFC 9110 §9.2.1): a key means nothing there. */
export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** An operation's series are born at load where the contract has no more than this many operations, else at its first use; always together. */
const BORN_AT_LOAD = 50;

/** The counters of one route, by operation and outcome. As many as its contract has operations: the label is never traffic's to invent. */
export class OutcomeCounters {
  readonly #family: Family<Counter, readonly ['api', 'operation', 'outcome']>;
  readonly #api: string;
  readonly #byOperation = new Map<string, Record<IdempotencyOutcome, Counter>>();

  constructor(family: Family<Counter, readonly ['api', 'operation', 'outcome']>, { api, contract }: RouteSpec) {
    this.#family = family;
    this.#api = api;
    const operations = contract?.operations ?? [];
    if (operations.length > BORN_AT_LOAD) return;
    for (const { id, method } of operations) if (!SAFE.has(method.toUpperCase())) this.#of(id);
  }

  count(operation: string, outcome: IdempotencyOutcome): void {
    this.#of(operation)[outcome].inc();
  }

  #of(operation: string): Record<IdempotencyOutcome, Counter> {
    const known = this.#byOperation.get(operation);
    if (known !== undefined) return known;
    const counters = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, this.#family.with(this.#api, operation, outcome)])) as Record<
      IdempotencyOutcome,
      Counter
    >;
    this.#byOperation.set(operation, counters);
    return counters;
  }
}
