import { appMetrics } from '../../../src/app/metrics.ts';
import { checkPoolMetrics } from '../../../src/adapters/check-pool/metrics.ts';
import { contractMetrics } from '../../../src/policies/contract/metrics.ts';
import { deprecationMetrics } from '../../../src/policies/deprecation/metrics.ts';
import { BLUE, BROKEN, GREY, LOOK, ORANGE, SKY, WELL } from '../colours.ts';
import type { BoardRow } from '../model.ts';
import { count, expression, min, orNone, Queries, sum, top } from '../promql.ts';

const q = new Queries('direction', 'api', 'operation', 'consumer');
const { checks, duration } = contractMetrics;

/** Seconds until an operation goes away. */
const left = expression<'api' | 'operation'>(`${min(q.gauge(deprecationMetrics.sunset), ['namespace', 'api', 'operation']).text} - time()`);

/** How much is checked, which version is in force, and what goes away. */
export const checking: readonly BoardRow[] = [
  {
    title: 'What is checked, and what it costs',
    h: 8,
    panels: [
      {
        id: 12,
        kind: 'lines',
        title: 'Verdicts',
        description: 'Requests and answers a second, by what was said of them.',
        unit: 'cps',
        w: 6,
        stacked: true,
        colours: { valid: WELL, invalid: BROKEN, skipped: GREY },
        targets: [{ expr: sum(q.rate(checks), ['outcome']).text, legend: '{{outcome}}' }],
        expect: { load: [0, 4000] },
      },
      {
        id: 13,
        kind: 'lines',
        title: 'Skipped, by reason',
        description:
          'no_schema and no_contract are gaps in the contract; sampled is a setting; overload is the gateway protecting the traffic.',
        unit: 'cps',
        w: 6,
        alerts: ['ValidationSkipped'],
        targets: [{ expr: orNone(top(8, sum(q.rate(checks, { outcome: '=skipped' }), ['reason'])), 'reason').text, legend: '{{reason}}' }],
        expect: { load: [0, 4000] },
      },
      {
        id: 14,
        kind: 'lines',
        title: 'Time of a verdict',
        description: 'How long one check took. Bodies too large for the event loop are judged by a worker; what that waits is in it.',
        unit: 's',
        w: 6,
        colours: { 'request p50': SKY, 'request p99': BLUE, 'response p50': '#F0E442', 'response p99': ORANGE },
        targets: [
          { expr: q.quantile(0.5, duration, ['side']).text, legend: '{{side}} p50' },
          { expr: q.quantile(0.99, duration, ['side']).text, legend: '{{side}} p99' },
        ],
        expect: { load: [0, 0.1] },
        noValue: 'nothing judged',
      },
      {
        id: 15,
        kind: 'lines',
        title: 'Large bodies',
        description: 'Bodies that went to the worker, by what became of them. All but judged are bodies without a verdict in time.',
        unit: 'cps',
        w: 6,
        colours: { judged: WELL, late: LOOK, queue_full: BROKEN, too_large: GREY, failed: ORANGE, unavailable: SKY, none: GREY },
        targets: [{ expr: orNone(sum(q.rate(checkPoolMetrics.jobs), ['outcome']), 'outcome').text, legend: '{{outcome}}' }],
        expect: { load: [0, 1000] },
      },
    ],
  },
  {
    title: 'Versions, and what goes away',
    h: 8,
    panels: [
      {
        id: 16,
        kind: 'table',
        title: 'Contracts in force',
        description: 'How many replicas have which version. Two digests of one api: a rollout under way, or one that stopped half-way.',
        unit: 'none',
        w: 10,
        alerts: ['ContractSkew'],
        labels: ['namespace', 'api', 'contract_version', 'digest', 'owner'],
        sortBy: ['Replicas'],
        targets: [
          {
            expr: count(q.gauge(appMetrics.contractInfo), ['namespace', 'api', 'contract_version', 'digest', 'owner']).text,
            legend: 'Replicas',
          },
        ],
        expect: { load: [1, 100] },
        noValue: 'no contract',
      },
      {
        id: 17,
        kind: 'lines',
        title: 'Reloads',
        description: 'Changed contracts that were read, by what became of them.',
        unit: 'none',
        w: 4,
        alerts: ['ContractReloadFailed'],
        colours: { taken: WELL, refused: BROKEN, none: GREY },
        targets: [{ expr: orNone(sum(q.increase(appMetrics.contractReloads), ['outcome']), 'outcome').text, legend: '{{outcome}}' }],
        expect: { load: [0, 1000] },
      },
      {
        id: 18,
        kind: 'lines',
        title: 'Deprecated things in use',
        description: 'Who still uses what goes away, the eight with most. They are to be told before the sunset.',
        unit: 'cps',
        w: 6,
        targets: [
          {
            expr: orNone(top(8, sum(q.rate(deprecationMetrics.usage), ['consumer', 'operation', 'element'])), 'consumer').text,
            legend: '{{consumer}} {{operation}} {{element}}',
          },
        ],
        expect: { load: [0, 2000] },
      },
      {
        id: 19,
        kind: 'table',
        title: 'Sunsets',
        description: 'How long each operation that goes away is still there, the nearest first. Below 0 it is past.',
        unit: 's',
        w: 4,
        alerts: ['DeprecatedNearSunset'],
        labels: ['api', 'operation'],
        sortBy: ['Left'],
        worst: 'smallest',
        targets: [{ expr: left.text, legend: 'Left', thresholds: { look: 30 * 86_400, broken: 7 * 86_400 } }],
        expect: { load: [-1e9, 1e9], needs: 'sunset' },
        noValue: 'none',
      },
    ],
  },
];
