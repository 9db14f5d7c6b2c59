import type { GaugeSpec } from '../../core/ports.ts';

export const concurrencyMetrics = {
  limit: {
    type: 'gauge',
    name: 'concurrency_limit',
    help: 'Requests that may be at the upstream at a time. Adaptive: how many of them may wait for their answer to begin, as it is at the moment.',
    labels: ['api'],
  },
  inUse: {
    type: 'gauge',
    name: 'concurrency_in_use',
    help: 'Requests at the upstream, to their last byte.',
    labels: ['api'],
  },
} as const satisfies Record<string, GaugeSpec>;
