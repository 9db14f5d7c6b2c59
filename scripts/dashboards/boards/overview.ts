import { exchangeMetrics } from '../../../src/policies/metrics/metrics.ts';
import { BLUE, QUANTILES, SKY, STATUS_CLASSES } from '../colours.ts';
import { BOARDS, narrowed, runbook } from '../links.ts';
import { board } from '../model.ts';
import { count, expression, orNone, orZero, Queries, sum, top, type Vector } from '../promql.ts';
import { burn, errorRatio, findings, invalid, withOwner } from '../questions.ts';

const q = new Queries('direction', 'api', 'operation');
const { requests, duration, inFlight, requestBytes, responseBytes } = exchangeMetrics;
const KEPT = ['datasource', 'namespace', 'job', 'pod', 'direction', 'api'];
const API = ['namespace', 'api'] as const;

const newByApi = sum(findings(q, 'new'), API);
/** Every api that there is, at 0: its gauge is there before the first request. */
const everyApi = expression<'api'>(`${sum(q.gauge(inFlight), API).text} * 0`);
const padded = (vector: Vector<'api'>): Vector<'api'> => expression(`${vector.text} or ${everyApi.text}`);

/** How many of the four kinds of trouble an api has: what the table is sorted by. */
const troubles = expression<'api'>(
  `sum by (namespace, api) (${[
    ['errors', `${errorRatio(q, API).text} > bool 0.01`],
    ['budget', `${burn(q, 'availability').text} > bool 1`],
    ['drift', `${newByApi.text} > bool 0`],
    ['alerts', `${count(q.firing(), API).text} > bool 0 and on (namespace, api) ${everyApi.text}`],
    ['none', everyApi.text],
  ]
    .map(([name, text]) => `label_replace(${text}, "trouble", "${name}", "", "")`)
    .join(' or ')})`,
);

export const overview = board({
  uid: 'plumbline-overview',
  file: 'overview.json',
  title: `Plumbline / ${BOARDS['plumbline-overview']}`,
  description: 'What is broken, and whose it is; then rate, errors and duration of everything that goes through the gateways.',
  variables: ['direction', 'api', 'operation'],
  rows: [
    {
      h: 4,
      panels: [
        {
          id: 1,
          kind: 'stat',
          title: 'Requests',
          description: 'Exchanges that ended, a second, all replicas together. No value: nothing is scraped, see Gateway health.',
          unit: 'reqps',
          w: 4,
          targets: [{ expr: sum(q.rate(requests)).text, legend: 'requests' }],
          expect: { load: [1, 2000] },
          noValue: 'not scraped',
        },
        {
          id: 2,
          kind: 'stat',
          title: 'Error ratio',
          description: 'Share of the answers that are 5xx, from the upstream or from the gateway. Below it stands which api, and whose.',
          unit: 'percentunit',
          w: 4,
          thresholds: { look: 0.01, broken: 0.05 },
          targets: [{ expr: errorRatio(q).text, legend: '5xx' }],
          expect: { load: [0.02, 1], fault: 'failing', quiet: [0, 0.01] },
          noValue: 'no traffic',
        },
        {
          id: 3,
          kind: 'stat',
          title: 'p95 duration',
          description:
            'Nineteen of twenty requests were answered to their last byte in this time. Upstreams and SLA tells whose time it is.',
          unit: 's',
          w: 4,
          thresholds: { look: 0.5, broken: 2.5 },
          targets: [{ expr: q.quantile(0.95, duration).text, legend: 'p95' }],
          expect: { load: [0.25, 10], fault: 'slow', quiet: [0, 0.5] },
          noValue: 'no traffic',
        },
        {
          id: 4,
          kind: 'stat',
          title: 'Contract errors',
          description: 'Requests and answers that broke their contract, a second. Contracts and drift tells which rule, where.',
          unit: 'cps',
          w: 4,
          alerts: ['ContractErrorBudgetBurn'],
          thresholds: { look: 0.001, broken: 1 },
          targets: [{ expr: orZero(invalid(q)).text, legend: 'invalid messages' }],
          expect: { load: [0.01, 2000], fault: 'drift', quiet: [0, 0] },
        },
        {
          id: 5,
          kind: 'stat',
          title: 'New findings',
          description: 'Differences between contract and traffic that nobody has acknowledged. Each counts once, however often it is seen.',
          unit: 'none',
          w: 4,
          alerts: ['SchemaDriftNew'],
          thresholds: { look: 1, broken: 10 },
          targets: [{ expr: orZero(sum(findings(q, 'new'))).text, legend: 'new' }],
          expect: { load: [2, 1000], fault: 'drift', quiet: [0, 0] },
        },
        {
          id: 6,
          kind: 'stat',
          title: 'Firing alerts',
          description: 'Alerts of these gateways that Prometheus fires now. Which, and for whom, stands to the right below.',
          unit: 'none',
          w: 4,
          thresholds: { look: 1, broken: 1 },
          targets: [{ expr: orZero(count(q.firing())).text, legend: 'firing' }],
          expect: { load: [1, 100], fault: 'drift', quiet: [0, 0] },
        },
      ],
    },
    {
      h: 8,
      panels: [
        {
          id: 7,
          kind: 'table',
          title: 'What is broken, and whose it is',
          description:
            'Each api, the worst first. Troubles: how many of these four it has: more than 1 % answers of 5xx, an error budget that is used faster than it lasts, new findings, firing alerts. An api without an owner has none in its contract or the configuration.',
          unit: 'none',
          w: 15,
          labels: ['namespace', 'api', 'owner'],
          sortBy: ['Troubles', '5xx'],
          links: { api: narrowed('plumbline-contracts-and-drift', 'api', KEPT) },
          targets: [
            { expr: withOwner(q, troubles).text, legend: 'Troubles', thresholds: { look: 1, broken: 2 } },
            { expr: errorRatio(q, API).text, legend: '5xx', unit: 'percentunit', thresholds: { look: 0.01, broken: 0.05 } },
            { expr: burn(q, 'availability').text, legend: 'Budget burn', unit: 'suffix:×', thresholds: { look: 1, broken: 6 } },
            { expr: padded(newByApi).text, legend: 'New findings', thresholds: { look: 1, broken: 10 } },
            { expr: padded(invalid(q, API)).text, legend: 'Contract errors', unit: 'cps', thresholds: { look: 0.001, broken: 1 } },
          ],
          expect: { load: [0, 2000], needs: 'sla' },
          noValue: '–',
        },
        {
          id: 8,
          kind: 'table',
          title: 'Firing alerts',
          description:
            'What Prometheus fires now, and for whom. The name leads to its runbook: what it means, what to look at, what to do.',
          unit: 'none',
          w: 9,
          labels: ['alertname', 'severity', 'owner', 'api'],
          sortBy: ['Firing'],
          links: { alertname: { title: 'Runbook', url: runbook(`\${__value.text:percentencode}`) } },
          targets: [{ expr: count(q.firing(), ['alertname', 'severity', 'owner', 'api']).text, legend: 'Firing' }],
          expect: { load: [1, 100], fault: 'drift', quiet: [0, 0] },
          noValue: 'none',
        },
      ],
    },
    {
      title: 'Rate, errors, duration',
      h: 8,
      panels: [
        {
          id: 9,
          kind: 'lines',
          title: 'Requests by status class',
          description: 'What callers were answered, a second. 4xx is what they asked wrongly or too often, 5xx what failed them.',
          unit: 'reqps',
          w: 8,
          stacked: true,
          colours: STATUS_CLASSES,
          targets: [{ expr: sum(q.observed(duration, 'count'), ['status_class']).text, legend: '{{status_class}}' }],
          expect: { load: [0, 2000] },
        },
        {
          id: 10,
          kind: 'lines',
          title: 'Error ratio by api',
          description: 'Share of 5xx of each api, the five worst.',
          unit: 'percentunit',
          w: 8,
          targets: [{ expr: top(5, errorRatio(q, ['api'])).text, legend: '{{api}}' }],
          expect: { load: [0, 1] },
          noValue: 'no traffic',
        },
        {
          id: 11,
          kind: 'lines',
          title: 'Duration',
          description: 'From the head of a request to the last byte of its answer, all apis together. Callers that left are not in it.',
          unit: 's',
          w: 8,
          colours: QUANTILES,
          targets: [
            { expr: q.quantile(0.5, duration).text, legend: 'p50' },
            { expr: q.quantile(0.95, duration).text, legend: 'p95' },
            { expr: q.quantile(0.99, duration).text, legend: 'p99' },
          ],
          expect: { load: [0, 10] },
          noValue: 'no traffic',
        },
      ],
    },
    {
      title: 'Which operations',
      h: 8,
      panels: [
        {
          id: 12,
          kind: 'lines',
          title: 'Busiest operations',
          description: 'Requests a second, the five busiest. _unmatched: the contract knows no such operation; _none: no route did.',
          unit: 'reqps',
          w: 8,
          targets: [{ expr: top(5, sum(q.rate(requests), ['api', 'operation'])).text, legend: '{{api}} {{operation}}' }],
          expect: { load: [0, 2000] },
          noValue: 'no traffic',
        },
        {
          id: 13,
          kind: 'lines',
          title: 'Failing operations',
          description: 'Share of 5xx of each operation, the five worst.',
          unit: 'percentunit',
          w: 8,
          targets: [{ expr: top(5, errorRatio(q, ['api', 'operation'])).text, legend: '{{api}} {{operation}}' }],
          expect: { load: [0, 1] },
          noValue: 'no traffic',
        },
        {
          id: 14,
          kind: 'lines',
          title: 'Slowest operations, p95',
          description: 'The five whose p95 is longest. With few requests a p95 is the slowest of them.',
          unit: 's',
          w: 8,
          targets: [{ expr: top(5, q.quantile(0.95, duration, ['api', 'operation'])).text, legend: '{{api}} {{operation}}' }],
          expect: { load: [0, 10] },
          noValue: 'no traffic',
        },
      ],
    },
    {
      title: 'What the gateway did itself, and how much went through',
      h: 8,
      panels: [
        {
          id: 15,
          kind: 'lines',
          title: 'Answered by the gateway',
          description: 'Answers that the gateway gave instead of the upstream, by its code, the eight most frequent. none: it gave none.',
          unit: 'reqps',
          w: 8,
          targets: [{ expr: orNone(top(8, sum(q.rate(requests, { origin: '=gateway' }), ['code'])), 'code').text, legend: '{{code}}' }],
          expect: { load: [0, 2000] },
        },
        {
          id: 16,
          kind: 'lines',
          title: 'In flight',
          description: 'Exchanges that have begun and not ended, by api, the five with most. It climbs where the upstream gets slow.',
          unit: 'none',
          w: 8,
          targets: [{ expr: top(5, sum(q.gauge(inFlight), ['api'])).text, legend: '{{api}}' }],
          expect: { load: [0, 5000] },
        },
        {
          id: 17,
          kind: 'lines',
          title: 'Bodies',
          description: 'Bytes of bodies a second, in from callers and out to them.',
          unit: 'Bps',
          w: 8,
          colours: { requests: BLUE, answers: SKY },
          targets: [
            { expr: orZero(sum(q.observed(requestBytes, 'sum'))).text, legend: 'requests' },
            { expr: orZero(sum(q.observed(responseBytes, 'sum'))).text, legend: 'answers' },
          ],
          expect: { load: [0, 1e9] },
        },
      ],
    },
  ],
});
