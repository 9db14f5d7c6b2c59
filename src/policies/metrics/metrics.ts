import type { CounterSpec, GaugeSpec, HistogramSpec } from '../../core/ports.ts';

/** Seconds, .005 to 10: the client library's own choice, and what most dashboards expect. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304] as const;
const OVERHEAD_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1] as const;

export const exchangeMetrics = {
  duration: {
    type: 'histogram',
    name: 'request_duration_seconds',
    help: 'Time from the head of a request to the last byte of its answer; callers that left are not in it.',
    labels: ['direction', 'api', 'operation', 'status_class'],
    buckets: SECONDS,
  },
  requests: {
    type: 'counter',
    name: 'requests_total',
    help: 'Exchanges by outcome. code: what the gateway answered by itself, or what broke the answer; empty where all went well.',
    labels: ['direction', 'api', 'operation', 'method', 'status_code', 'code', 'origin'],
  },
  consumerRequests: {
    type: 'counter',
    name: 'consumer_requests_total',
    help: 'Exchanges by who asked.',
    labels: ['direction', 'api', 'consumer', 'consumer_version', 'status_class'],
  },
  inFlight: {
    type: 'gauge',
    name: 'requests_in_flight',
    help: 'Exchanges that have begun and not ended.',
    labels: ['direction', 'api'],
  },
  requestBytes: {
    type: 'histogram',
    name: 'request_body_bytes',
    help: 'Size of request bodies as received; requests without one are not in it.',
    labels: ['direction', 'api'],
    buckets: BYTES,
  },
  responseBytes: {
    type: 'histogram',
    name: 'response_body_bytes',
    help: 'Size of answers as handed to the client; answers without a body are not in it.',
    labels: ['direction', 'api'],
    buckets: BYTES,
  },
  overhead: {
    type: 'histogram',
    name: 'gateway_overhead_seconds',
    help: 'Time from a request to the head of its answer, less what was spent waiting for the upstream, in queues and between tries.',
    labels: ['direction'],
    buckets: OVERHEAD_SECONDS,
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec | HistogramSpec>;

export const retryMetrics = {
  made: {
    type: 'counter',
    name: 'retries_total',
    help: 'Tries after the first, by what the one before had come to.',
    labels: ['api', 'operation', 'reason'],
  },
  outcomes: {
    type: 'counter',
    name: 'retry_outcomes_total',
    help: 'Exchanges that were tried more than once, by how they ended: succeeded, failed.',
    labels: ['api', 'operation', 'outcome'],
  },
  suppressed: {
    type: 'counter',
    name: 'retries_suppressed_total',
    help: 'Answers that would have been tried again, by the first thing that was against it: not_repeatable, body_too_large, attempts, stacked, budget, deadline, circuit.',
    labels: ['api', 'operation', 'reason'],
  },
  callers: {
    type: 'counter',
    name: 'client_retries_total',
    help: 'Exchanges of which a trusted caller says that it has asked before.',
    labels: ['api', 'operation'],
  },
} as const satisfies Record<string, CounterSpec>;

export const attemptMetricSpecs = {
  duration: {
    type: 'histogram',
    name: 'upstream_attempt_duration_seconds',
    help: 'Time of one try, from where the upstream was asked to the head of its answer; what it waited in a queue of ours is not in it.',
    labels: ['api', 'operation', 'status_class'],
    // Fewer than those of an exchange: they are there for each operation and status class, and tell whose the time was.
    buckets: [0.01, 0.05, 0.1, 0.25, 1, 2.5, 10],
  },
  attempts: {
    type: 'counter',
    name: 'upstream_attempts_total',
    help: 'Tries at the upstream. code: why there was no answer, or why it broke off.',
    labels: ['api', 'operation', 'status_class', 'code'],
  },
} as const satisfies Record<string, CounterSpec | HistogramSpec>;
