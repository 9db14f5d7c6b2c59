import { appMetrics } from '../../../src/app/metrics.ts';
import { coreMetrics } from '../../../src/core/metrics.ts';
import { concurrencyMetrics } from '../../../src/policies/concurrency/metrics.ts';
import { deadlineMetrics } from '../../../src/policies/deadline/metrics.ts';
import { fallbackMetrics } from '../../../src/policies/fallback/metrics.ts';
import { retryMetrics } from '../../../src/policies/metrics/metrics.ts';
import { rateLimitMetrics } from '../../../src/policies/rate-limit/metrics.ts';
import { BLUE, BROKEN, GREY, LOOK, ORANGE, SKY, VERMILION, WELL } from '../colours.ts';
import type { BoardRow } from '../model.ts';
import { max, min, orNone, Queries, sum, top } from '../promql.ts';
import { circuits } from '../questions.ts';

const q = new Queries('direction', 'api', 'operation');

/** What the gateway does about upstreams that are slow or fail, and what is left of room and quotas. */
export const handling: readonly BoardRow[] = [
  {
    title: 'What the gateway does about it',
    h: 8,
    panels: [
      {
        id: 14,
        kind: 'timeline',
        title: 'Circuits',
        description: 'Each upstream’s circuit, of several replicas the one that is worst off.',
        unit: 'none',
        w: 8,
        alerts: ['CircuitOpen'],
        states: [
          { value: 0, text: 'closed', colour: WELL },
          { value: 1, text: 'half-open', colour: LOOK },
          { value: 2, text: 'open', colour: BROKEN },
        ],
        targets: [{ expr: circuits(q).text, legend: '{{api}} {{upstream}}' }],
        expect: { load: [0, 2], needs: 'circuit' },
        noValue: 'no circuit breaker',
      },
      {
        id: 15,
        kind: 'lines',
        title: 'Timeouts by phase',
        description:
          'connect and headers: one try; body: the upload; total: the whole exchange; exhausted: nothing was left before the first try.',
        unit: 'reqps',
        w: 8,
        alerts: ['TimeoutRatio'],
        colours: { connect: SKY, headers: BLUE, body: ORANGE, total: VERMILION, exhausted: '#CC79A7', none: GREY },
        targets: [{ expr: orNone(sum(q.rate(deadlineMetrics.timeouts), ['phase']), 'phase').text, legend: '{{phase}}' }],
        expect: { load: [0, 2000], fault: 'slow', quiet: [0, 0] },
      },
      {
        id: 16,
        kind: 'lines',
        title: 'Answers instead of the upstream’s',
        description: 'stale: a good answer kept from before; static: the configured one. Callers are told that it is a fallback.',
        unit: 'reqps',
        w: 8,
        colours: { stale: LOOK, static: SKY, none: GREY },
        targets: [{ expr: orNone(sum(q.rate(fallbackMetrics.fallbacks), ['kind']), 'kind').text, legend: '{{kind}}' }],
        expect: { load: [0, 2000] },
      },
    ],
  },
  {
    title: 'Whether trying again helps',
    h: 8,
    panels: [
      {
        id: 17,
        kind: 'lines',
        title: 'Retries by reason',
        description: 'What the try before had come to, the eight most frequent.',
        unit: 'reqps',
        w: 8,
        alerts: ['RetryStorm'],
        targets: [{ expr: orNone(top(8, sum(q.rate(retryMetrics.made), ['reason'])), 'reason').text, legend: '{{reason}}' }],
        expect: { load: [0, 2000], fault: 'failing', quiet: [0, 0] },
      },
      {
        id: 18,
        kind: 'lines',
        title: 'How retried exchanges ended',
        description: 'Where few succeed, retries are load on what is ill: fewer attempts, or a smaller budget.',
        unit: 'reqps',
        w: 8,
        colours: { succeeded: WELL, failed: BROKEN, none: GREY },
        targets: [{ expr: orNone(sum(q.rate(retryMetrics.outcomes), ['outcome']), 'outcome').text, legend: '{{outcome}}' }],
        expect: { load: [0, 2000], fault: 'failing', quiet: [0, 0] },
      },
      {
        id: 19,
        kind: 'lines',
        title: 'Not tried again',
        description: 'What was against it. budget: the retry budget is used up (RetryBudgetExhausted); not_repeatable: it might run twice.',
        unit: 'reqps',
        w: 8,
        alerts: ['RetryBudgetExhausted'],
        targets: [{ expr: orNone(top(8, sum(q.rate(retryMetrics.suppressed), ['reason'])), 'reason').text, legend: '{{reason}}' }],
        expect: { load: [0, 2000] },
      },
    ],
  },
  {
    title: 'Room, quotas, and what nobody knows',
    h: 8,
    panels: [
      {
        id: 20,
        kind: 'lines',
        title: 'Concurrency',
        description: 'Requests at upstreams, and how many may be there, all replicas and apis together.',
        unit: 'none',
        w: 6,
        colours: { 'in use': BLUE, limit: ORANGE },
        targets: [
          { expr: sum(q.gauge(concurrencyMetrics.inUse)).text, legend: 'in use' },
          { expr: sum(q.gauge(concurrencyMetrics.limit)).text, legend: 'limit' },
        ],
        expect: { load: [0, 100_000], needs: 'limit' },
        noValue: 'no limit',
      },
      {
        id: 21,
        kind: 'lines',
        title: 'Shed',
        description: 'Requests refused for want of room, by reason: the upstream takes too long, or the gateway protects itself.',
        unit: 'reqps',
        w: 6,
        targets: [{ expr: orNone(top(8, sum(q.rate(coreMetrics.shed), ['api', 'reason'])), 'reason').text, legend: '{{api}} {{reason}}' }],
        expect: { load: [0, 2000] },
      },
      {
        id: 22,
        kind: 'lines',
        title: 'Outbound quota left',
        description: 'Share of what an upstream’s quota starts from, the five lowest. OutboundQuotaNearExhausted fires before it is gone.',
        unit: 'percentunit',
        w: 6,
        alerts: ['OutboundQuotaNearExhausted'],
        targets: [
          {
            expr: `bottomk(5, ${min(q.gauge(rateLimitMetrics.quotaRemaining), ['namespace', 'api', 'policy']).text} / (${max(q.gauge(rateLimitMetrics.quotaLimit), ['namespace', 'api', 'policy']).text} > 0))`,
            legend: '{{api}} {{policy}}',
          },
        ],
        expect: { load: [0, 0.2], fault: 'limits', quiet: [0.2, 1.01], needs: 'quota' },
        noValue: 'no outbound quota',
      },
      {
        id: 23,
        kind: 'lines',
        title: 'Unknown outcomes',
        description:
          'Changes of which nobody knows whether they were carried out, and that nobody has settled: plumbline outcomes. The five apis with most.',
        unit: 'none',
        w: 6,
        targets: [{ expr: orNone(top(5, max(q.gauge(coreMetrics.outcomesOpen), ['api'])), 'api').text, legend: '{{api}}' }],
        expect: { load: [0, 10_000] },
      },
    ],
  },
  {
    title: 'Connections',
    h: 6,
    panels: [
      {
        id: 24,
        kind: 'lines',
        title: 'Connections to upstreams',
        description: 'busy, being made, or idle, all replicas together.',
        unit: 'none',
        w: 12,
        stacked: true,
        colours: { busy: BLUE, idle: SKY },
        targets: [{ expr: sum(q.gauge(appMetrics.upstreamConnections), ['state']).text, legend: '{{state}}' }],
        expect: { load: [0, 100_000] },
      },
      {
        id: 25,
        kind: 'lines',
        title: 'Requests that wait for a connection',
        description: 'By upstream, the five with most. Standing above 0: raise `connections`, or find out why the upstream is slow.',
        unit: 'none',
        w: 12,
        targets: [{ expr: top(5, sum(q.gauge(appMetrics.upstreamWaiting), ['upstream'])).text, legend: '{{upstream}}' }],
        expect: { load: [0, 100_000] },
      },
    ],
  },
];
