import type { MetricSpec } from '../core/ports.ts';

/** What observation itself could not keep. */
export const observationMetrics = {
  dropped: {
    type: 'counter',
    name: 'observation_dropped_total',
    help: 'What was observed and could not be kept or written, by reason (access_log, log: lines given up because the destination is full, broken or too slow).',
    labels: ['reason'],
  },
} as const satisfies Record<string, MetricSpec>;
