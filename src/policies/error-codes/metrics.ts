import type { MetricSpec } from '../../core/ports.ts';

export const errorCodeMetrics = {
  codes: {
    type: 'counter',
    name: 'error_codes_total',
    help: 'Error answers of the upstream (4xx, 5xx, in JSON) by the stable code that stands in them; those without one are not in it. The first 50 codes of an api, all others are _other.',
    labels: ['api', 'operation', 'code'],
  },
} as const satisfies Record<string, MetricSpec>;
