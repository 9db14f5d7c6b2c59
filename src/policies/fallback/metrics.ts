import type { CounterSpec, GaugeSpec } from '../../core/ports.ts';

export const fallbackMetrics = {
  fallbacks: {
    type: 'counter',
    name: 'fallbacks_total',
    help: "Answers sent instead of the upstream's, or of its silence. kind: a kept one (stale) or the configured one (static).",
    labels: ['api', 'operation', 'kind'],
  },
  bytes: {
    type: 'gauge',
    name: 'fallback_bytes',
    help: 'Memory of the good answers that are kept.',
    labels: ['api'],
  },
  dropped: {
    type: 'counter',
    name: 'fallback_dropped_total',
    help: 'Good answers that were not kept or had to go: evicted by newer ones, too_large, or no room to copy them (overload).',
    labels: ['api', 'reason'],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;
