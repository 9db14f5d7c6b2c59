import type { CounterSpec, GaugeSpec } from '../../core/ports.ts';

export const idempotencyMetrics = {
  requests: {
    type: 'counter',
    name: 'idempotency_requests_total',
    help:
      'Changes that came with an idempotency key, or without one where one is required. new: executed; replayed: answered from the store; mismatch: the ' +
      'key had another payload; in_flight: the first still runs; unknown: nobody knows how the first ended; not_kept: its answer was too large or a ' +
      'stream; expired: refused by onExpired; missing, invalid: the key; bypassed: executed unprotected, the store was away; unavailable: refused for ' +
      'that; overload: a repeated body could not be held to be compared.',
    labels: ['api', 'operation', 'outcome'],
  },
  stale: {
    type: 'counter',
    name: 'idempotency_stale_total',
    help: 'Answers that were not kept because somebody else had taken their key over meanwhile (onUnknown: run).',
    labels: ['api', 'operation'],
  },
  waiting: {
    type: 'gauge',
    name: 'idempotency_waiting',
    help: 'Repeated requests that wait for the answer of the first (onInFlight: wait).',
    labels: [],
  },
  suspected: {
    type: 'counter',
    name: 'suspected_duplicates_total',
    help: 'POST and PATCH without a key that equal one of the last minute: same caller, target, media type and body. An estimate, never too high.',
    labels: ['api', 'operation'],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;
