import { checkPoolMetrics } from '../../../src/adapters/check-pool/metrics.ts';
import { listenerMetrics } from '../../../src/adapters/http1/server/metrics.ts';
import { prometheusMetrics } from '../../../src/adapters/prometheus/metrics.ts';
import { appMetrics } from '../../../src/app/metrics.ts';
import { pipelineMetrics } from '../../../src/pipeline/metrics.ts';
import { exchangeMetrics } from '../../../src/policies/metrics/metrics.ts';
import { BLUE, GREY, ORANGE, SKY } from '../colours.ts';
import { BOARDS } from '../links.ts';
import { board } from '../model.ts';
import { count, equals, max, orZero, Queries, sum, top } from '../promql.ts';
import { lost } from './health-lost.ts';

const q = new Queries('direction', 'api');
const { overhead, inFlight } = exchangeMetrics;
const REPLICA = ['pod', 'instance'] as const;
const REPLICA_LEGEND = '{{pod}} {{instance}}';

const cpu = q.processRate('process_cpu_seconds_total');
const memory = q.process('process_resident_memory_bytes');
const loop = q.process('nodejs_eventloop_lag_p99_seconds');
const files = `${max(q.process('process_open_fds'), REPLICA).text} / ${max(q.process('process_max_fds'), REPLICA).text}`;

export const health = board({
  uid: 'plumbline-gateway-health',
  file: 'gateway-health.json',
  title: `Plumbline / ${BOARDS['plumbline-gateway-health']}`,
  description: 'Whether the gateways themselves are well: how much they use, what is full, what they lost, what they add to a request.',
  variables: ['direction', 'api'],
  rows: [
    {
      h: 4,
      panels: [
        {
          id: 1,
          kind: 'stat',
          title: 'Replicas',
          description: 'Gateways that Prometheus scrapes.',
          unit: 'none',
          w: 3,
          targets: [{ expr: count(q.gauge(prometheusMetrics.buildInfo)).text, legend: 'replicas' }],
          expect: { load: [1, 100] },
          noValue: 'none',
        },
        {
          id: 2,
          kind: 'stat',
          title: 'Not answering',
          description:
            'Targets of the chosen job that Prometheus cannot scrape. Traffic may go on all the same: GatewayDown tells what to look at.',
          unit: 'none',
          w: 3,
          alerts: ['GatewayDown'],
          thresholds: { look: 1, broken: 1 },
          targets: [{ expr: orZero(count(q.down())).text, legend: 'down' }],
          expect: { load: [0, 0] },
        },
        {
          id: 3,
          kind: 'stat',
          title: 'Added, p95',
          description: 'What the gateway adds to a request, less what it waited for the upstream, in queues and between tries.',
          unit: 's',
          w: 3,
          alerts: ['GatewayOverheadHigh'],
          thresholds: { look: 0.005, broken: 0.025 },
          targets: [{ expr: q.quantile(0.95, overhead).text, legend: 'p95' }],
          expect: { load: [0, 0.1] },
          noValue: 'no traffic',
        },
        {
          id: 4,
          kind: 'stat',
          title: 'Event loop, p99',
          description: 'How late timers come on the replica that is worst off: everything that a request needs waits as long.',
          unit: 's',
          w: 3,
          alerts: ['EventLoopLag'],
          thresholds: { look: 0.05, broken: 0.1 },
          targets: [{ expr: max(loop).text, legend: 'p99' }],
          expect: { load: [0, 2] },
          noValue: 'not scraped',
        },
        {
          id: 5,
          kind: 'stat',
          title: 'CPU',
          description: 'Cores that all replicas use together.',
          unit: 'suffix: cores',
          w: 3,
          targets: [{ expr: sum(cpu).text, legend: 'cores' }],
          expect: { load: [0.0001, 16] },
          noValue: 'not scraped',
        },
        {
          id: 6,
          kind: 'stat',
          title: 'Memory',
          description: 'Resident memory of the replica that has most.',
          unit: 'bytes',
          w: 3,
          thresholds: { look: 256 * 2 ** 20, broken: 512 * 2 ** 20 },
          targets: [{ expr: max(memory).text, legend: 'largest' }],
          expect: { load: [20e6, 1e9] },
          noValue: 'not scraped',
        },
        {
          id: 7,
          kind: 'stat',
          title: 'Configuration refused',
          description: 'Replicas whose configuration files cannot be used: an older one serves on. The log names file, line and key.',
          unit: 'none',
          w: 3,
          alerts: ['ConfigReloadFailed'],
          thresholds: { look: 1, broken: 1 },
          targets: [{ expr: orZero(sum(equals(q.gauge(appMetrics.configSuccess), 0))).text, legend: 'refused' }],
          expect: { load: [1, 100], fault: 'reload', quiet: [0, 0] },
        },
        {
          id: 8,
          kind: 'stat',
          title: 'Internal errors',
          description:
            'Faults of the gateway itself, a second. There should be none: each is in the log with its stack. Please report them.',
          unit: 'cps',
          w: 3,
          thresholds: { look: 0.0001, broken: 0.01 },
          targets: [{ expr: orZero(sum(q.rate(pipelineMetrics.bugs))).text, legend: 'errors' }],
          expect: { load: [0, 0] },
        },
      ],
    },
    {
      title: 'Use: how much of what there is',
      h: 8,
      panels: [
        {
          id: 9,
          kind: 'lines',
          title: 'CPU by replica',
          description: 'Cores, the five that use most. One process has one core for its requests: near 1 it is at its end.',
          unit: 'suffix: cores',
          w: 6,
          targets: [{ expr: top(5, sum(cpu, REPLICA)).text, legend: REPLICA_LEGEND }],
          expect: { load: [0, 4] },
          noValue: 'not scraped',
        },
        {
          id: 10,
          kind: 'lines',
          title: 'Resident memory by replica',
          description: 'The five largest. A line that only climbs is a leak; steps are load.',
          unit: 'bytes',
          w: 6,
          targets: [{ expr: top(5, max(memory, REPLICA)).text, legend: REPLICA_LEGEND }],
          expect: { load: [20e6, 1e9] },
          noValue: 'not scraped',
        },
        {
          id: 11,
          kind: 'lines',
          title: 'Event loop p99 by replica',
          description: 'The five that are latest. Node samples with a resolution of 10 ms: that is the floor.',
          unit: 's',
          w: 6,
          alerts: ['EventLoopLag'],
          targets: [{ expr: top(5, max(loop, REPLICA)).text, legend: REPLICA_LEGEND }],
          expect: { load: [0, 2] },
          noValue: 'not scraped',
        },
        {
          id: 12,
          kind: 'lines',
          title: 'Garbage collection',
          description:
            'Share of the time of one core, all replicas together, by kind of collection. major above some percent: memory is short.',
          unit: 'percentunit',
          w: 6,
          colours: { minor: SKY, incremental: BLUE, major: ORANGE, weakcb: GREY },
          targets: [{ expr: sum(q.collecting(), ['kind']).text, legend: '{{kind}}' }],
          expect: { load: [0, 1] },
        },
      ],
    },
    {
      title: 'Saturation: what is full',
      h: 8,
      panels: [
        {
          id: 13,
          kind: 'lines',
          title: 'In flight by replica',
          description: 'Exchanges that have begun and not ended, the five replicas with most.',
          unit: 'none',
          w: 6,
          targets: [{ expr: top(5, sum(q.gauge(inFlight), REPLICA)).text, legend: REPLICA_LEGEND }],
          expect: { load: [0, 5000] },
        },
        {
          id: 14,
          kind: 'lines',
          title: 'Connections of clients',
          description: 'Open ones by listener, all replicas together, the five with most.',
          unit: 'none',
          w: 6,
          targets: [{ expr: top(5, sum(q.gauge(listenerMetrics.connections), ['listener'])).text, legend: '{{listener}}' }],
          expect: { load: [0, 10_000] },
        },
        {
          id: 15,
          kind: 'lines',
          title: 'Bytes held',
          description:
            'Bodies in memory for retries and checks, of the replica with most, and those that wait for the worker. Bounded by telemetry.limits.bufferedBytes and 16 MiB.',
          unit: 'bytes',
          w: 6,
          colours: { buffered: BLUE, 'for the worker': SKY },
          targets: [
            { expr: max(q.gauge(pipelineMetrics.buffered)).text, legend: 'buffered' },
            { expr: max(q.gauge(checkPoolMetrics.queueBytes)).text, legend: 'for the worker' },
          ],
          expect: { load: [0, 1e9] },
        },
        {
          id: 16,
          kind: 'lines',
          title: 'Open files',
          description: 'Share of the file descriptors that a replica may open, the five with most. At 1 no connection can be made.',
          unit: 'percentunit',
          w: 6,
          targets: [{ expr: `topk(5, ${files})`, legend: REPLICA_LEGEND }],
          expect: { load: [0, 1] },
        },
      ],
    },
    ...lost,
  ],
});
