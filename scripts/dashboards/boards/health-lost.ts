import { listenerMetrics } from '../../../src/adapters/http1/server/metrics.ts';
import { memoryStoreMetrics } from '../../../src/adapters/memory-store/metrics.ts';
import { otelMetrics } from '../../../src/adapters/otel/metrics.ts';
import { prometheusMetrics } from '../../../src/adapters/prometheus/metrics.ts';
import { redisStoreMetrics } from '../../../src/adapters/redis-store/metrics.ts';
import { appMetrics } from '../../../src/app/metrics.ts';
import { coreMetrics } from '../../../src/core/metrics.ts';
import { observationMetrics } from '../../../src/observation/metrics.ts';
import { pipelineMetrics } from '../../../src/pipeline/metrics.ts';
import { exchangeMetrics } from '../../../src/policies/metrics/metrics.ts';
import { BLUE, BROKEN, GREY, ORANGE, QUANTILES, SKY, WELL } from '../colours.ts';
import type { BoardRow } from '../model.ts';
import { count, equals, max, orNone, orZero, Queries, sum, top } from '../promql.ts';

const q = new Queries('direction', 'api');
const { overhead } = exchangeMetrics;

/** What was lost, what the gateways cost, and the state that they keep. */
export const lost: readonly BoardRow[] = [
  {
    title: 'Errors: what was lost or refused',
    h: 8,
    panels: [
      {
        id: 17,
        kind: 'lines',
        title: 'Internal errors',
        description: 'By stage and hook, the eight most frequent.',
        unit: 'cps',
        w: 6,
        targets: [
          { expr: orNone(top(8, sum(q.rate(pipelineMetrics.bugs), ['stage', 'hook'])), 'stage').text, legend: '{{stage}} {{hook}}' },
        ],
        expect: { load: [0, 0] },
      },
      {
        id: 18,
        kind: 'lines',
        title: 'Observation lost',
        description: 'Log lines, findings and spans that were given up, by reason. Traffic never waits for them.',
        unit: 'cps',
        w: 6,
        alerts: ['ObservationDropped'],
        targets: [
          { expr: orNone(top(8, sum(q.rate(observationMetrics.dropped), ['reason'])), 'reason').text, legend: '{{reason}}' },
          { expr: orZero(sum(q.rate(otelMetrics.dropped))).text, legend: 'spans' },
        ],
        expect: { load: [0, 5000] },
      },
      {
        id: 19,
        kind: 'lines',
        title: 'Labels folded',
        description:
          'Values that were counted as _other: beyond telemetry.limits. By label, the eight most frequent; lines: the scrape is as long as it may be.',
        unit: 'cps',
        w: 6,
        alerts: ['CardinalityOverflow'],
        targets: [{ expr: orNone(top(8, sum(q.rate(coreMetrics.labelOverflow), ['label'])), 'label').text, legend: '{{label}}' }],
        expect: { load: [0, 5000] },
      },
      {
        id: 20,
        kind: 'lines',
        title: 'Refused or ignored of clients',
        description: 'Connections refused (too many), headers not believed (no trusted peer), request trailers dropped.',
        unit: 'cps',
        w: 6,
        colours: { connections: BROKEN, headers: ORANGE, trailers: GREY },
        targets: [
          { expr: orZero(sum(q.rate(listenerMetrics.connectionsRefused))).text, legend: 'connections' },
          { expr: orZero(sum(q.rate(coreMetrics.untrusted))).text, legend: 'headers' },
          { expr: orZero(sum(q.rate(listenerMetrics.trailersDropped))).text, legend: 'trailers' },
        ],
        expect: { load: [0, 5000] },
      },
    ],
  },
  {
    title: 'What it costs, and what runs',
    h: 8,
    panels: [
      {
        id: 21,
        kind: 'lines',
        title: 'Added to a request',
        description: 'Head in to head out, less what was spent waiting for the upstream, in queues and between tries.',
        unit: 's',
        w: 8,
        alerts: ['GatewayOverheadHigh'],
        colours: QUANTILES,
        targets: [
          { expr: q.quantile(0.5, overhead).text, legend: 'p50' },
          { expr: q.quantile(0.95, overhead).text, legend: 'p95' },
          { expr: q.quantile(0.99, overhead).text, legend: 'p99' },
        ],
        expect: { load: [0, 0.1] },
        noValue: 'no traffic',
      },
      {
        id: 22,
        kind: 'table',
        title: 'Builds',
        description: 'Which build runs on which Node, on how many replicas. More than one line: a rollout under way.',
        unit: 'none',
        w: 8,
        labels: ['version', 'revision', 'node'],
        sortBy: ['Replicas'],
        targets: [{ expr: count(q.gauge(prometheusMetrics.buildInfo), ['version', 'revision', 'node']).text, legend: 'Replicas' }],
        expect: { load: [1, 100] },
        noValue: 'not scraped',
      },
      {
        id: 23,
        kind: 'lines',
        title: 'Configuration read again',
        description: 'By what became of it. refused: an older one serves on.',
        unit: 'none',
        w: 8,
        colours: { taken: WELL, refused: BROKEN, unchanged: GREY, none: GREY },
        targets: [{ expr: orNone(sum(q.increase(appMetrics.configReloads), ['outcome']), 'outcome').text, legend: '{{outcome}}' }],
        expect: { load: [0, 1000] },
      },
    ],
  },
  {
    title: 'State that replicas share, or keep',
    h: 8,
    panels: [
      {
        id: 24,
        kind: 'lines',
        title: 'Shared store away',
        description:
          'Replicas that cannot reach Redis in time: each decides by itself, or refuses, as its routes say. 0 too where none is shared.',
        unit: 'none',
        w: 6,
        alerts: ['SharedStoreDown'],
        colours: { away: BROKEN },
        targets: [{ expr: orZero(sum(equals(q.gauge(redisStoreMetrics.up), 0))).text, legend: 'away' }],
        expect: { load: [0, 0] },
      },
      {
        id: 25,
        kind: 'lines',
        title: 'Calls of the shared store',
        description: 'By outcome. full and down: it was not even asked.',
        unit: 'cps',
        w: 6,
        colours: { ok: WELL, timeout: ORANGE, error: BROKEN, down: BROKEN, full: ORANGE, none: GREY },
        targets: [{ expr: orNone(sum(q.rate(redisStoreMetrics.calls), ['outcome']), 'outcome').text, legend: '{{outcome}}' }],
        expect: { load: [0, 10_000] },
      },
      {
        id: 26,
        kind: 'lines',
        title: 'Kept in memory',
        description: 'What limits and idempotency keep in the replica with most, against store.maxBytes.',
        unit: 'bytes',
        w: 6,
        colours: { limits: BLUE, idempotency: SKY, none: GREY },
        targets: [{ expr: orNone(max(q.gauge(memoryStoreMetrics.bytes), ['space']), 'space').text, legend: '{{space}}' }],
        expect: { load: [0, 1e9] },
      },
      {
        id: 27,
        kind: 'lines',
        title: 'Records that had to go',
        description: 'Records that made room for others, or found none: store.maxBytes is too small for what is going on.',
        unit: 'cps',
        w: 6,
        colours: { evicted: ORANGE, refused: BROKEN },
        targets: [
          { expr: orZero(sum(q.rate(memoryStoreMetrics.evictions))).text, legend: 'evicted' },
          { expr: orZero(sum(q.rate(memoryStoreMetrics.refused))).text, legend: 'refused' },
        ],
        expect: { load: [0, 10_000] },
      },
    ],
  },
];
