import type { MetricSpec } from '../../core/ports.ts';

/** What the registry says of itself. */
export const prometheusMetrics = {
  buildInfo: {
    type: 'gauge',
    name: 'build_info',
    help: 'Always 1; which build of Plumbline this is and on which Node it runs.',
    labels: ['version', 'revision', 'node'],
  },
} as const satisfies Record<string, MetricSpec>;
