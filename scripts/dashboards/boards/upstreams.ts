import { deadlineMetrics } from '../../../src/policies/deadline/metrics.ts';
import { errorCodeMetrics } from '../../../src/policies/error-codes/metrics.ts';
import { attemptMetricSpecs, retryMetrics } from '../../../src/policies/metrics/metrics.ts';
import { slaMetrics } from '../../../src/policies/sla/metrics.ts';
import { QUANTILES, STATUS_CLASSES } from '../colours.ts';
import { BOARDS, narrowed } from '../links.ts';
import { board } from '../model.ts';
import { expression, max, orNone, orZero, Queries, sum, top } from '../promql.ts';
import { attemptErrorRatio, burn, circuits, kept, withOwner } from '../questions.ts';
import { handling } from './upstream-handling.ts';

const q = new Queries('direction', 'api', 'operation');
const { attempts, duration } = attemptMetricSpecs;
const KEPT = ['datasource', 'namespace', 'job', 'pod', 'direction', 'api', 'operation'];

export const upstreams = board({
  uid: 'plumbline-upstreams-and-sla',
  file: 'upstreams-and-sla.json',
  title: `Plumbline / ${BOARDS['plumbline-upstreams-and-sla']}`,
  description: 'Whether upstreams keep what was promised, what the gateway does about it when they do not, and what is left of quotas.',
  variables: ['direction', 'api', 'operation'],
  rows: [
    {
      h: 4,
      panels: [
        {
          id: 1,
          kind: 'stat',
          title: 'Budget burn, the worst api',
          description: 'How many times faster than promised the error budget of availability is used now. 1 is just what it may be.',
          unit: 'suffix:×',
          w: 4,
          alerts: ['UpstreamSlaBurn'],
          thresholds: { look: 1, broken: 6 },
          targets: [{ expr: max(burn(q, 'availability')).text, legend: 'burn' }],
          expect: { load: [1, 1e6], fault: 'failing', quiet: [0, 1], needs: 'sla' },
          noValue: 'no promise',
        },
        {
          id: 2,
          kind: 'stat',
          title: 'Failed tries',
          description:
            'Share of the tries at upstreams that came to 5xx or to no answer. Callers may see less of it: retries and fallbacks hide some.',
          unit: 'percentunit',
          w: 4,
          thresholds: { look: 0.01, broken: 0.05 },
          targets: [{ expr: attemptErrorRatio(q).text, legend: 'failed' }],
          expect: { load: [0.02, 1], fault: 'failing', quiet: [0, 0.01] },
          noValue: 'no traffic',
        },
        {
          id: 3,
          kind: 'stat',
          title: 'p95 of a try',
          description: 'From where an upstream was asked to the head of its answer.',
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
          title: 'Circuits not closed',
          description: 'Circuits that are open (requests are refused at once) or half-open (a few try whether it works again).',
          unit: 'none',
          w: 4,
          alerts: ['CircuitOpen'],
          thresholds: { look: 1, broken: 1 },
          targets: [{ expr: orZero(sum(expression(`(${circuits(q).text}) > bool 0`))).text, legend: 'open or half-open' }],
          expect: { load: [1, 100], fault: 'failing', quiet: [0, 0] },
        },
        {
          id: 5,
          kind: 'stat',
          title: 'Timeouts',
          description: 'Exchanges that ran out of time, a second. In which phase stands below.',
          unit: 'reqps',
          w: 4,
          alerts: ['TimeoutRatio'],
          thresholds: { look: 0.001, broken: 1 },
          targets: [{ expr: orZero(sum(q.rate(deadlineMetrics.timeouts))).text, legend: 'timeouts' }],
          expect: { load: [0.01, 2000], fault: 'slow', quiet: [0, 0] },
        },
        {
          id: 6,
          kind: 'stat',
          title: 'Retries',
          description: 'Tries after the first, a second.',
          unit: 'reqps',
          w: 4,
          alerts: ['RetryStorm'],
          thresholds: { look: 1, broken: 10 },
          targets: [{ expr: orZero(sum(q.rate(retryMetrics.made))).text, legend: 'retries' }],
          expect: { load: [0.01, 2000], fault: 'failing', quiet: [0, 0] },
        },
      ],
    },
    {
      title: 'What was promised, and whether it is kept',
      h: 8,
      panels: [
        {
          id: 7,
          kind: 'table',
          title: 'Promises',
          description:
            'Availability and latency as contract or configuration promise them, and the share of exchanges that keep them now. docs/sla.md says what counts.',
          unit: 'none',
          w: 12,
          labels: ['namespace', 'api', 'owner'],
          sortBy: ['Burn'],
          links: { api: narrowed('plumbline-overview', 'api', KEPT) },
          targets: [
            { expr: withOwner(q, burn(q, 'availability')).text, legend: 'Burn', unit: 'suffix:×', thresholds: { look: 1, broken: 6 } },
            { expr: max(q.gauge(slaMetrics.objective), ['namespace', 'api']).text, legend: 'Promised', unit: 'percentunit' },
            { expr: kept(q, 'availability').text, legend: 'Kept', unit: 'percentunit' },
            { expr: max(q.gauge(slaMetrics.latencyShare), ['namespace', 'api']).text, legend: 'In time, promised', unit: 'percentunit' },
            { expr: kept(q, 'latency').text, legend: 'In time', unit: 'percentunit' },
          ],
          expect: { load: [0, 1e6], needs: 'sla' },
          noValue: '–',
        },
        {
          id: 8,
          kind: 'lines',
          title: 'Budget burn, availability',
          description: 'Above 1 the budget does not last; at 14.4 a month’s budget is gone in two days. The five worst.',
          unit: 'suffix:×',
          w: 6,
          alerts: ['UpstreamSlaBurn'],
          targets: [{ expr: top(5, burn(q, 'availability')).text, legend: '{{namespace}} {{api}}' }],
          expect: { load: [1, 1e6], fault: 'failing', quiet: [0, 1], needs: 'sla' },
          noValue: 'no promise',
        },
        {
          id: 9,
          kind: 'lines',
          title: 'Budget burn, latency',
          description: 'The same for answers that came, but later than promised.',
          unit: 'suffix:×',
          w: 6,
          alerts: ['UpstreamLatencySla'],
          targets: [{ expr: top(5, burn(q, 'latency')).text, legend: '{{namespace}} {{api}}' }],
          expect: { load: [1, 1e6], fault: 'slow', quiet: [0, 1], needs: 'sla' },
          noValue: 'no promise',
        },
      ],
    },
    {
      title: 'What upstreams answer',
      h: 8,
      panels: [
        {
          id: 10,
          kind: 'lines',
          title: 'Tries by status class',
          description: 'Tries a second. One without a status had no answer: the next panel tells why.',
          unit: 'reqps',
          w: 6,
          stacked: true,
          colours: STATUS_CLASSES,
          targets: [{ expr: sum(q.rate(attempts), ['status_class']).text, legend: '{{status_class}}' }],
          expect: { load: [0, 4000] },
          noValue: 'no traffic',
        },
        {
          id: 11,
          kind: 'lines',
          title: 'Tries without a whole answer',
          description: 'Why there was none, or why it broke off; the eight most frequent.',
          unit: 'reqps',
          w: 6,
          targets: [
            { expr: orNone(top(8, sum(q.rate(attempts, { code: '!=' }), ['api', 'code'])), 'code').text, legend: '{{api}} {{code}}' },
          ],
          expect: { load: [0, 2000] },
        },
        {
          id: 12,
          kind: 'lines',
          title: 'Time of a try',
          description: 'What upstreams take, all apis together; waiting in queues of the gateway is not in it.',
          unit: 's',
          w: 6,
          colours: QUANTILES,
          targets: [
            { expr: q.quantile(0.5, duration).text, legend: 'p50' },
            { expr: q.quantile(0.95, duration).text, legend: 'p95' },
            { expr: q.quantile(0.99, duration).text, legend: 'p99' },
          ],
          expect: { load: [0, 10] },
          noValue: 'no traffic',
        },
        {
          id: 13,
          kind: 'lines',
          title: 'Error codes of upstreams',
          description: 'The code that stands in their error answers, the eight most frequent. A new one is a change that nobody announced.',
          unit: 'reqps',
          w: 6,
          targets: [
            { expr: orNone(top(8, sum(q.rate(errorCodeMetrics.codes), ['api', 'code'])), 'code').text, legend: '{{api}} {{code}}' },
          ],
          expect: { load: [0, 2000] },
        },
      ],
    },
    ...handling,
  ],
});
