import type { CounterSpec } from '../../core/ports.ts';

export const preconditionMetrics = {
  preconditions: {
    type: 'counter',
    name: 'preconditions_total',
    help: 'Requests without the If-Match that they need (required: refused with 428), and requests that the upstream answered with 412 (failed).',
    labels: ['api', 'operation', 'outcome'],
  },
} as const satisfies Record<string, CounterSpec>;
