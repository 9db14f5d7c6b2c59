import { exchangeMetrics, retryMetrics } from '../../../src/policies/metrics/metrics.ts';
import { rateLimitMetrics } from '../../../src/policies/rate-limit/metrics.ts';
import { BROKEN, GREY, LOOK, SKY, STATUS_CLASSES, WELL } from '../colours.ts';
import { BOARDS, narrowed } from '../links.ts';
import { board } from '../model.ts';
import { count, expression, orNone, orZero, Queries, share, sum, type TargetLabel, top } from '../promql.ts';
import { changes } from './consumer-changes.ts';

const q = new Queries('direction', 'api', 'operation', 'consumer');
const { consumerRequests, requests } = exchangeMetrics;
const { decisions } = rateLimitMetrics;
const KEPT = ['datasource', 'namespace', 'job', 'pod', 'direction', 'api', 'operation', 'consumer'];

const all = q.rate(consumerRequests);
/** Share of the exchanges of one class of status. */
function classShare<const B extends 'api' | 'consumer' | 'consumer_version' | TargetLabel = never>(
  status: '4xx' | '5xx',
  by: readonly B[] = [],
) {
  return share(sum(q.rate(consumerRequests, { status_class: `=${status}` }), by), sum(all, by));
}
const WHO = ['consumer', 'consumer_version', 'api'] as const;

export const consumers = board({
  uid: 'plumbline-consumers',
  file: 'consumers.json',
  title: `Plumbline / ${BOARDS['plumbline-consumers']}`,
  description: 'Who calls, what they get, whom limits stop, and who uses what goes away.',
  variables: ['direction', 'api', 'operation', 'consumer'],
  rows: [
    {
      h: 4,
      panels: [
        {
          id: 1,
          kind: 'stat',
          title: 'Consumers',
          description: 'Names of callers that asked lately. Beyond telemetry.limits.consumers they are counted together as _other.',
          unit: 'none',
          w: 4,
          targets: [{ expr: count(expression(`${sum(all, ['consumer']).text} > 0`)).text, legend: 'consumers' }],
          expect: { load: [2, 100] },
          noValue: 'nobody',
        },
        {
          id: 2,
          kind: 'stat',
          title: 'Requests',
          description: 'Exchanges of the chosen consumers that ended, a second.',
          unit: 'reqps',
          w: 4,
          targets: [{ expr: sum(all).text, legend: 'requests' }],
          expect: { load: [1, 2000] },
          noValue: 'not scraped',
        },
        {
          id: 3,
          kind: 'stat',
          title: 'Refused or wrong (4xx)',
          description: 'Share of the exchanges that were answered 4xx, callers that left included: what they do wrong, or too often.',
          unit: 'percentunit',
          w: 4,
          thresholds: { look: 0.05, broken: 0.25 },
          targets: [{ expr: classShare('4xx').text, legend: '4xx' }],
          expect: { load: [0, 1] },
          noValue: 'no traffic',
        },
        {
          id: 4,
          kind: 'stat',
          title: 'Failed (5xx)',
          description: 'Share of the exchanges that were answered 5xx: what others owe these consumers.',
          unit: 'percentunit',
          w: 4,
          thresholds: { look: 0.01, broken: 0.05 },
          targets: [{ expr: classShare('5xx').text, legend: '5xx' }],
          expect: { load: [0.02, 1], fault: 'failing', quiet: [0, 0.01] },
          noValue: 'no traffic',
        },
        {
          id: 5,
          kind: 'stat',
          title: 'Stopped by limits',
          description: 'Requests that a rate limit rejected, a second. Who, stands below.',
          unit: 'reqps',
          w: 4,
          alerts: ['RateLimitedConsumer'],
          thresholds: { look: 0.001, broken: 10 },
          targets: [{ expr: orZero(sum(q.rate(decisions, { decision: '=rejected' }))).text, legend: 'rejected' }],
          expect: { load: [0.05, 2000], fault: 'limits', quiet: [0, 0] },
        },
        {
          id: 6,
          kind: 'stat',
          title: 'Without a name',
          description: 'Share of the exchanges of callers that are counted together: more names than telemetry.limits.consumers, or none.',
          unit: 'percentunit',
          w: 4,
          thresholds: { look: 0.1, broken: 0.5 },
          targets: [{ expr: share(sum(q.rate(consumerRequests, { consumer: '=~_other|unknown' })), sum(all)).text, legend: '_other' }],
          expect: { load: [0, 0.5] },
          noValue: 'no traffic',
        },
      ],
    },
    {
      title: 'Who calls, and what they get',
      h: 8,
      panels: [
        {
          id: 7,
          kind: 'table',
          title: 'Consumers and their versions',
          description: 'Who asks which api, the busiest first, and the shares of 4xx (theirs) and 5xx (not theirs).',
          unit: 'none',
          w: 12,
          labels: WHO,
          sortBy: ['Requests'],
          links: { api: narrowed('plumbline-contracts-and-drift', 'api', KEPT) },
          targets: [
            { expr: sum(all, WHO).text, legend: 'Requests', unit: 'reqps' },
            { expr: classShare('4xx', WHO).text, legend: '4xx', unit: 'percentunit', thresholds: { look: 0.05, broken: 0.25 } },
            { expr: classShare('5xx', WHO).text, legend: '5xx', unit: 'percentunit', thresholds: { look: 0.01, broken: 0.05 } },
          ],
          expect: { load: [0, 2000] },
          noValue: '–',
        },
        {
          id: 8,
          kind: 'lines',
          title: 'Requests by consumer',
          description: 'A second, the five busiest.',
          unit: 'reqps',
          w: 6,
          targets: [{ expr: top(5, sum(all, ['consumer'])).text, legend: '{{consumer}}' }],
          expect: { load: [0, 2000] },
          noValue: 'no traffic',
        },
        {
          id: 9,
          kind: 'lines',
          title: 'By status class',
          description: 'What the chosen consumers were answered, a second.',
          unit: 'reqps',
          w: 6,
          stacked: true,
          colours: STATUS_CLASSES,
          targets: [{ expr: sum(all, ['status_class']).text, legend: '{{status_class}}' }],
          expect: { load: [0, 2000] },
          noValue: 'no traffic',
        },
      ],
    },
    {
      title: 'Who is stopped',
      h: 8,
      panels: [
        {
          id: 10,
          kind: 'lines',
          title: 'What limits decided',
          description: 'shadow: would have been rejected; degraded: let through, as the shared store was away.',
          unit: 'reqps',
          w: 6,
          colours: { allowed: WELL, rejected: BROKEN, shadow: LOOK, degraded: SKY, none: GREY },
          targets: [{ expr: orNone(sum(q.rate(decisions), ['decision']), 'decision').text, legend: '{{decision}}' }],
          expect: { load: [0, 2000] },
        },
        {
          id: 11,
          kind: 'lines',
          title: 'Rejected, by consumer and limit',
          description: 'The eight with most. RateLimitedConsumer tells their owner.',
          unit: 'reqps',
          w: 6,
          alerts: ['RateLimitedConsumer'],
          targets: [
            {
              expr: orNone(top(8, sum(q.rate(decisions, { decision: '=rejected' }), ['consumer', 'api', 'policy'])), 'consumer').text,
              legend: '{{consumer}} {{api}} {{policy}}',
            },
          ],
          expect: { load: [0, 2000], fault: 'limits', quiet: [0, 0] },
        },
        {
          id: 12,
          kind: 'lines',
          title: '401 and 403',
          description: 'A sudden rise is a credential that ran out, or somebody who tries. Metrics know the api, the log the consumer.',
          unit: 'reqps',
          w: 6,
          alerts: ['AuthorizationFailuresRise'],
          targets: [
            {
              expr: orNone(top(8, sum(q.rate(requests, { status_code: '=~401|403' }), ['api', 'status_code'])), 'api').text,
              legend: '{{api}} {{status_code}}',
            },
          ],
          expect: { load: [0, 2000] },
        },
        {
          id: 13,
          kind: 'lines',
          title: 'Repeated by callers',
          description: 'Requests of which trusted callers say that they have asked before, by api: RetryStorm fires where it is a storm.',
          unit: 'reqps',
          w: 6,
          alerts: ['RetryStorm'],
          targets: [{ expr: orNone(top(5, sum(q.rate(retryMetrics.callers), ['api'])), 'api').text, legend: '{{api}}' }],
          expect: { load: [0, 2000] },
        },
      ],
    },
    ...changes,
  ],
});
