import type { MetricSpec } from '../../core/ports.ts';

export const jwksMetrics = {
  fetches: {
    type: 'counter',
    name: 'jwks_fetches_total',
    help: 'Fetches of the keys that access tokens are verified with. outcome: fetched or failed.',
    labels: ['outcome'],
  },
  keys: {
    type: 'gauge',
    name: 'jwks_keys',
    help: 'Keys in use of the set at this address; 0 where there are none, and then no token can be verified.',
    labels: ['jwks'],
  },
  fetchedAt: {
    type: 'gauge',
    name: 'jwks_fetched_timestamp_seconds',
    help: 'When the keys in use were fetched; 0 before the first time.',
    labels: ['jwks'],
  },
} as const satisfies Record<string, MetricSpec>;
