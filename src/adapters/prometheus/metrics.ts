import type { MetricSpec } from '../../core/ports.ts';

/** What the registry says of itself. */
export const prometheusMetrics = {
  buildInfo: {
    type: 'gauge',
    name: 'build_info',
    help: 'Always 1; which build of Plumbline this is and on which Node it runs.',
    labels: ['version', 'revision', 'node'],
  },
  labelOverflow: {
    type: 'counter',
    name: 'label_overflow_total',
    help: 'Lookups of a series whose label value was folded to _other: beyond the limit of that label, or of lines in a scrape (label lines).',
    labels: ['label'],
  },
} as const satisfies Record<string, MetricSpec>;
