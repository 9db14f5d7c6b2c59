import type { CounterSpec, GaugeSpec } from '../../core/ports.ts';

/** What becomes of bodies that are too large for the event loop. */
export const checkPoolMetrics = {
  queueBytes: {
    type: 'gauge',
    name: 'check_worker_queue_bytes',
    help: 'Bytes of large bodies that wait for the worker which judges them, or are being judged; at most 16 MiB.',
    labels: [],
  },
  jobs: {
    type: 'counter',
    name: 'check_worker_jobs_total',
    help: 'Large bodies for the worker, by outcome: judged, late (the verdict came too late for who waited), queue_full, too_large (larger than the whole queue), failed (the worker ended over it, or before it), unavailable (the worker is not started again yet, or the process ends).',
    labels: ['outcome'],
  },
  restarts: {
    type: 'counter',
    name: 'check_worker_restarts_total',
    help: 'Times that the worker which judges large bodies was lost, by reason: crashed, memory (it reached its limit), hung (a body took longer than ten seconds). It is started again at the next such body, after a pause.',
    labels: ['reason'],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;

export const JOB_OUTCOMES = ['judged', 'late', 'queue_full', 'too_large', 'failed', 'unavailable'] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

export const LOSSES = ['crashed', 'memory', 'hung'] as const;
export type Loss = (typeof LOSSES)[number];
