import type { CounterSpec, GaugeSpec } from '../../core/ports.ts';

/** What the process keeps in its own memory, by space: `limits` or `idempotency`. */
export const memoryStoreMetrics = {
  records: {
    type: 'gauge',
    name: 'store_records',
    help: 'Records that this process keeps in its memory, expired ones that nobody has come upon included.',
    labels: ['space'],
  },
  bytes: {
    type: 'gauge',
    name: 'store_bytes',
    help: 'What those records take, as it is counted against `store.maxBytes`.',
    labels: ['space'],
  },
  evictions: {
    type: 'counter',
    name: 'store_evictions_total',
    help: 'Records in memory that made room for others before they expired: `store.maxBytes` is too small for what is going on.',
    labels: ['space'],
  },
  refused: {
    type: 'counter',
    name: 'store_refused_total',
    help: 'Records that found no room in memory: all that was there was in use at that moment.',
    labels: ['space'],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;
