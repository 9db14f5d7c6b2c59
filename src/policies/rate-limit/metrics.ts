import type { CounterSpec, GaugeSpec } from '../../core/ports.ts';

export const rateLimitMetrics = {
  decisions: {
    type: 'counter',
    name: 'rate_limit_decisions_total',
    help: 'Requests by what a limit (label policy) said: allowed, rejected, shadow (would have been rejected), degraded (let through without the shared store). One that another limit stopped is not counted.',
    labels: ['api', 'policy', 'consumer', 'decision'],
  },
  quotaRemaining: {
    type: 'gauge',
    name: 'quota_remaining',
    help: 'Requests that an outbound limit (mode queue) lets through at once now; where the partner announces what is left, that. Of the key that was asked for last.',
    labels: ['api', 'policy'],
  },
  quotaLimit: {
    type: 'gauge',
    name: 'quota_limit',
    help: 'Requests that quota_remaining starts from: the burst of the outbound limit, or what the partner announces.',
    labels: ['api', 'policy'],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;
