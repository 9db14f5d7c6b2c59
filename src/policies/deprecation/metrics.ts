import type { MetricSpec } from '../../core/ports.ts';

export const deprecationMetrics = {
  usage: {
    type: 'counter',
    name: 'deprecated_usage_total',
    help: 'Exchanges that used something deprecated, by what it was and who asked. element: operation, parameter, header, request_field, response_field; each deprecated thing counts once an exchange.',
    labels: ['direction', 'api', 'operation', 'element', 'consumer'],
  },
  sunset: {
    type: 'gauge',
    name: 'deprecation_sunset_timestamp_seconds',
    help: 'When an operation of the contract in force goes away, as the contract says; seconds since 1970.',
    labels: ['api', 'operation'],
  },
} as const satisfies Record<string, MetricSpec>;
