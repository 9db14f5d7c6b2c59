import type { CounterSpec } from '../../core/ports.ts';

export const deadlineMetrics = {
  timeouts: {
    type: 'counter',
    name: 'timeouts_total',
    help: 'Exchanges that ran out of time, by phase: connect, headers (one try), body (the upload), total, exhausted (before any try).',
    labels: ['direction', 'api', 'operation', 'phase'],
  },
} as const satisfies Record<string, CounterSpec>;
