import type { CounterSpec, GaugeSpec } from '../../core/ports.ts';

export const circuitBreakerMetrics = {
  state: {
    type: 'gauge',
    name: 'circuit_state',
    help: 'State of the circuit to an upstream: exactly one of closed, open and half_open is 1. Of several routes of one api the one that is worst off counts.',
    labels: ['api', 'upstream', 'state'],
  },
  transitions: {
    type: 'counter',
    name: 'circuit_transitions_total',
    help: 'Changes of state of a circuit, by the state that it came to.',
    labels: ['api', 'upstream', 'to'],
  },
} as const satisfies Record<string, GaugeSpec | CounterSpec>;
