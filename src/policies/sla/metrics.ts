import type { MetricSpec } from '../../core/ports.ts';

export const slaMetrics = {
  requests: {
    type: 'counter',
    name: 'sla_requests_total',
    help: 'Exchanges that kept (good: true) or broke (false) what was promised, counted against the exact threshold. objective: availability, latency. docs/sla.md says what counts.',
    labels: ['api', 'objective', 'good'],
  },
  objective: {
    type: 'gauge',
    name: 'sla_objective_ratio',
    help: 'Share of exchanges that must succeed, as contract or configuration promise.',
    labels: ['api', 'owner'],
  },
  // Not `quantile`: that label belongs to summaries, and promtool check metrics refuses it elsewhere.
  latencyObjective: {
    type: 'gauge',
    name: 'sla_latency_objective_seconds',
    help: 'Longest time to an answer that is promised, by percentile (p95).',
    labels: ['api', 'owner', 'percentile'],
  },
  latencyShare: {
    type: 'gauge',
    name: 'sla_latency_objective_ratio',
    help: 'Share of the answers that must be as fast as promised: the highest percentile of sla_latency_objective_seconds, which sla_requests_total counts against.',
    labels: ['api', 'owner'],
  },
} as const satisfies Record<string, MetricSpec>;
