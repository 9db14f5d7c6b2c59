import type { MetricSpec } from '../../../core/ports.ts';

export const tokenMetrics = {
  verifications: {
    type: 'counter',
    name: 'token_verifications_total',
    help: 'Access tokens of requests. outcome: verified, invalid or unknown (no keys, encrypted, too many at a time).',
    labels: ['outcome'],
  },
} as const satisfies Record<string, MetricSpec>;
