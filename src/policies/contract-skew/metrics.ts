import type { CounterSpec } from '../../core/ports.ts';

export const contractSkewMetrics = {
  exchanges: {
    type: 'counter',
    name: 'consumer_contract_skew_total',
    help: 'Exchanges of consumers that say which version of the contract they were built on, by how that compares with the one in force: same, behind_minor, behind_major, ahead_minor, ahead_major, not_comparable.',
    labels: ['direction', 'api', 'consumer', 'skew'],
  },
} as const satisfies Record<string, CounterSpec>;
