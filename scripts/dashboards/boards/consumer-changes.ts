import { contractSkewMetrics } from '../../../src/policies/contract-skew/metrics.ts';
import { deprecationMetrics } from '../../../src/policies/deprecation/metrics.ts';
import { idempotencyMetrics } from '../../../src/policies/idempotency/metrics.ts';

import { preconditionMetrics } from '../../../src/policies/precondition/metrics.ts';
import { BLUE, GREY, LOOK } from '../colours.ts';
import type { BoardRow } from '../model.ts';
import { orNone, Queries, sum, top } from '../promql.ts';

const q = new Queries('direction', 'api', 'operation', 'consumer');

/** Who uses what goes away, and how callers repeat what changes things. */
export const changes: readonly BoardRow[] = [
  {
    title: 'Who must move',
    h: 8,
    panels: [
      {
        id: 14,
        kind: 'lines',
        title: 'Built on another version',
        description:
          'Exchanges of consumers that say which version of the contract they were built on, where it is not the one in force. The eight with most.',
        unit: 'reqps',
        w: 12,
        targets: [
          {
            expr: orNone(top(8, sum(q.rate(contractSkewMetrics.exchanges, { skew: '!=same' }), ['consumer', 'api', 'skew'])), 'consumer')
              .text,
            legend: '{{consumer}} {{api}} {{skew}}',
          },
        ],
        expect: { load: [0, 2000] },
      },
      {
        id: 15,
        kind: 'lines',
        title: 'Deprecated things in use',
        description: 'Who uses what goes away, the eight with most; Contracts and drift has the sunsets.',
        unit: 'reqps',
        w: 12,
        alerts: ['DeprecatedNearSunset'],
        targets: [
          {
            expr: orNone(top(8, sum(q.rate(deprecationMetrics.usage), ['consumer', 'api', 'operation', 'element'])), 'consumer').text,
            legend: '{{consumer}} {{api}} {{operation}} {{element}}',
          },
        ],
        expect: { load: [0, 2000] },
      },
    ],
  },
  {
    title: 'How they repeat what changes things',
    h: 8,
    panels: [
      {
        id: 16,
        kind: 'lines',
        title: 'Idempotency keys',
        description:
          'What became of changes with a key, the eight most frequent. mismatch and missing are a caller’s fault; unknown is to be settled by hand.',
        unit: 'reqps',
        w: 8,
        targets: [{ expr: orNone(top(8, sum(q.rate(idempotencyMetrics.requests), ['outcome'])), 'outcome').text, legend: '{{outcome}}' }],
        expect: { load: [0, 2000] },
      },
      {
        id: 17,
        kind: 'lines',
        title: 'Suspected duplicates',
        description: 'Changes without a key that equal one of the last minute, by operation. Such a caller needs a key.',
        unit: 'reqps',
        w: 8,
        targets: [
          {
            expr: orNone(top(5, sum(q.rate(idempotencyMetrics.suspected), ['api', 'operation'])), 'operation').text,
            legend: '{{api}} {{operation}}',
          },
        ],
        expect: { load: [0, 2000] },
      },
      {
        id: 18,
        kind: 'lines',
        title: 'Conditional writes',
        description:
          'required: refused for want of If-Match; failed: somebody else had changed it meanwhile, which is what If-Match is for.',
        unit: 'reqps',
        w: 8,
        colours: { required: LOOK, failed: BLUE, none: GREY },
        targets: [{ expr: orNone(sum(q.rate(preconditionMetrics.preconditions), ['outcome']), 'outcome').text, legend: '{{outcome}}' }],
        expect: { load: [0, 2000] },
      },
    ],
  },
];
