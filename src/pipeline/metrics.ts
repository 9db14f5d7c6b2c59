import type { CounterSpec, GaugeSpec } from '../core/ports.ts';

export const pipelineMetrics = {
  bugs: {
    type: 'counter',
    name: 'internal_errors_total',
    help: 'Faults of the gateway itself, by the stage and hook in which they happened. Every one is in the log with its stack.',
    labels: ['stage', 'hook'],
  },
  buffered: {
    type: 'gauge',
    name: 'buffered_bytes',
    help: 'Bytes of bodies held in memory at this moment, for retries and checks; bounded by telemetry.limits.bufferedBytes.',
    labels: [],
  },
  upgrades: {
    type: 'gauge',
    name: 'upgrades_open',
    help: 'Exchanges that changed to another protocol (WebSocket) or asked for it and wait; bounded by telemetry.limits.upgrades.',
    labels: [],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;
