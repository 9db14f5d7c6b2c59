import type { CounterSpec } from './ports.ts';

/** Metrics that more than one policy feeds. */
export const coreMetrics = {
  untrusted: {
    type: 'counter',
    name: 'untrusted_headers_total',
    help: 'Header fields of requests that were dropped or ignored: not from a trusted peer, malformed, or reserved for the gateway.',
    labels: ['header'],
  },
} as const satisfies Record<string, CounterSpec>;
