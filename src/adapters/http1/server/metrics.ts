import type { CounterSpec, GaugeSpec } from '../../../core/ports.ts';

export const listenerMetrics = {
  connections: {
    type: 'gauge',
    name: 'downstream_connections',
    help: 'Open connections of clients, upgraded ones too.',
    labels: ['listener'],
  },
  connectionsRefused: {
    type: 'counter',
    name: 'connections_refused_total',
    help: 'Connections of clients that were closed at once: more than `maxConnections`, or the system had no room for them.',
    labels: ['listener'],
  },
  trailersDropped: {
    type: 'counter',
    name: 'request_trailers_dropped_total',
    help: 'Trailer fields of requests. They are read and not forwarded.',
    labels: ['listener'],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;
