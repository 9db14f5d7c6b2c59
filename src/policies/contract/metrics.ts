import type { CounterSpec, HistogramSpec } from '../../core/ports.ts';

export const contractMetrics = {
  checks: {
    type: 'counter',
    name: 'contract_checks_total',
    help: 'Verdicts on requests and answers. reason: why one was skipped; empty otherwise.',
    labels: ['direction', 'api', 'operation', 'side', 'outcome', 'reason'],
  },
  violations: {
    type: 'counter',
    name: 'contract_violations_total',
    help: 'Broken rules, by where in the message they were broken.',
    labels: ['direction', 'api', 'operation', 'side', 'location', 'rule'],
  },
  duration: {
    type: 'histogram',
    name: 'validation_duration_seconds',
    help: 'Time that one verdict took.',
    labels: ['side'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1],
  },
} as const satisfies Record<string, CounterSpec | HistogramSpec>;
