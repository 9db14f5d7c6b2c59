import type { MetricSpec } from './ports.ts';

/** Metrics that more than one part feeds. */
export const coreMetrics = {
  untrusted: {
    type: 'counter',
    name: 'untrusted_headers_total',
    help: 'Header fields of requests that were dropped or ignored: not from a trusted peer, malformed, or reserved for the gateway.',
    labels: ['header'],
  },
  shed: {
    type: 'counter',
    name: 'shed_total',
    help: 'Requests refused for want of room. reason: what there was too much of.',
    labels: ['api', 'reason'],
  },
  outcomesOpen: {
    type: 'gauge',
    name: 'unknown_outcomes_open',
    help: 'Mutations in the ledger of unknown outcomes that nobody has settled yet.',
    labels: ['api'],
  },
  labelOverflow: {
    type: 'counter',
    name: 'label_overflow_total',
    help: 'Lookups of a series whose label value was folded to _other: beyond the limit of that label, or of lines in a scrape (label lines). label: operation, consumer, consumer_version, code, lines.',
    labels: ['label'],
  },
} as const satisfies Record<string, MetricSpec>;
