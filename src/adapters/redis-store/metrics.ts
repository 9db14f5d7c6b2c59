import type { CounterSpec, GaugeSpec, HistogramSpec } from '../../core/ports.ts';

/** Only there where `store.kind` is `redis`. */
export const redisStoreMetrics = {
  up: {
    type: 'gauge',
    name: 'store_up',
    help: '1 where the shared store answers in time, 0 where it does not: then every replica decides by itself, or refuses, as its routes say.',
    labels: ['kind'],
  },
  calls: {
    type: 'counter',
    name: 'store_calls_total',
    help: 'What scripts asked of the shared store. outcome: ok, timeout (no answer within `store.timeout`), error (it refused, or its answer made no sense), down (not asked: it is away), full (not asked: too much is under way).',
    labels: ['script', 'outcome'],
  },
  duration: {
    type: 'histogram',
    name: 'store_call_duration_seconds',
    help: 'From a call of the shared store to its answer, or to the end of its time.',
    labels: ['script'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
  },
  errors: {
    type: 'counter',
    name: 'store_errors_total',
    help: 'What the shared store refused or broke, by reason: the first word of its error where it is a known one (OOM, READONLY, …), else ERR; `malformed` where its answer made no sense.',
    labels: ['reason'],
  },
  inFlight: {
    type: 'gauge',
    name: 'store_calls_in_flight',
    help: 'Calls that the shared store has not answered yet, those that nobody waits for any more included.',
    labels: [],
  },
  replicas: {
    type: 'gauge',
    name: 'store_replicas',
    help: 'Processes that share the store, this one included, as it was last heard.',
    labels: [],
  },
  deferred: {
    type: 'gauge',
    name: 'store_deferred',
    help: 'What is to be done in the shared store as soon as it can be reached.',
    labels: [],
  },
  deferredDropped: {
    type: 'counter',
    name: 'store_deferred_dropped_total',
    help: 'What should have been done in the shared store later and was given up: too much waited, it was refused, or the process ended.',
    labels: [],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec | HistogramSpec>;

/** Likewise. */
export const findingsMetrics = {
  notShared: {
    type: 'counter',
    name: 'findings_not_shared_total',
    help: 'Drift findings that replicas could not share, by reason: full (the shared store has no room for another one; this process keeps it), unreadable (what lies there is no finding).',
    labels: ['reason'],
  },
} as const satisfies Record<string, CounterSpec>;

export const OUTCOMES = ['ok', 'timeout', 'error', 'down', 'full'] as const;
export type Outcome = (typeof OUTCOMES)[number];
