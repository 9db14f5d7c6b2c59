import type { CounterSpec } from '../../core/ports.ts';

/** What became of spans; only there where they are exported. */
export const otelMetrics = {
  exported: {
    type: 'counter',
    name: 'spans_exported_total',
    help: 'Spans that the collector has taken.',
    labels: [],
  },
  dropped: {
    type: 'counter',
    name: 'spans_dropped_total',
    help: 'Spans that were given up, by reason: queue_full (more than wait at a time), rejected (the collector did not want them), unreachable (no answer, or busy, after all tries), shutdown (left over at the end).',
    labels: ['reason'],
  },
} as const satisfies Record<string, CounterSpec>;

export const DROP_REASONS = ['queue_full', 'rejected', 'unreachable', 'shutdown'] as const;

export type DropReason = (typeof DROP_REASONS)[number];
