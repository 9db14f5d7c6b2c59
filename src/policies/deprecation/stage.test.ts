import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { forwardHeaders } from '../../core/edits.ts';
import type { DeprecatedUse, Deprecation, Operation } from '../../core/contract.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type Stage, refuse } from '../../core/stage.ts';
import { deprecation } from './stage.ts';

const DATED: Deprecation = { deprecatedAt: 1_000_000_000_000, sunsetAt: undefined, successor: undefined, info: undefined };
const FIELD: DeprecatedUse = { element: 'request_field', specPointer: '/a' };
const ANSWERED: DeprecatedUse = { element: 'response_field', specPointer: '/b' };

function operationOf(more: Partial<Operation>): Operation {
  return { ...fakeOperation({ id: 'search' }), ...more } as Operation;
}

/** An exchange that asked for the operation, from beginning to end. */
function told(operation: Operation, given: { answer?: Answer; consumer?: string; fields?: readonly DeprecatedUse[]; none?: true } = {}) {
  const deps = fakeDeps();
  const route = routeSpec({ contract: fakeContract([operation]) });
  const stage = deprecation.compile(undefined, route, deps) as Stage | undefined;
  const answer = given.answer ?? answerOf(200);
  const x = exchange({ route, ...(given.none !== true && { match: { operation, params: new Map() } }) });
  x.consumer = { name: given.consumer ?? 'web-shop', version: '1' };
  x.deprecatedFields = given.fields;
  const passed = stage?.onResponse?.(x, answer, undefined);
  x.answer = answer;
  stage?.onFinish?.(x, 'complete', undefined);
  return {
    stage,
    passed,
    answer,
    x,
    said: forwardHeaders(answer.headers, x.responseEdits),
    counted: stage && deps.meter.series('deprecated_usage_total'),
  };
}

const count = (element: string, consumer = 'web-shop') =>
  `direction=ingress,api=billing,operation=search,element=${element},consumer=${consumer}`;

describe('PC-3: the stage', () => {
  it('DF-3: is absent where the contract has nothing that is deprecated, and where there is none', () => {
    expect(told(operationOf({})).stage).toBeUndefined();
    expect(deprecation.compile(undefined, routeSpec(), fakeDeps())).toBeUndefined();
  });

  it('PC-3: adds the fields of the operation, to the answer as it is sent', () => {
    const { said, passed, answer } = told(operationOf({ deprecated: true, deprecation: DATED }), {
      answer: answerOf(200, { headers: ['X-A', '1'] }),
    });
    expect(said).toEqual(['X-A', '1', 'Deprecation', '@1000000000']);
    expect(passed).toBe(answer);
  });

  it.each([200, 304, 404, 503])('PC-3: whatever its status: %i', (status) => {
    expect(told(operationOf({ deprecated: true, deprecation: DATED }), { answer: answerOf(status) }).said).toContain('Deprecation');
  });

  it('PC-3: to what the gateway answers by itself too', () => {
    const refusal = refuse(rejection('RATE_LIMITED', 'too many'));
    expect(told(operationOf({ deprecated: true, deprecation: DATED }), { answer: refusal }).said).toContain('Deprecation');
  });

  it('PC-3: deprecated: true without dates adds nothing: RFC 9745 has no field without one', () => {
    const { said, counted } = told(operationOf({ deprecated: true }));
    expect([said, counted]).toEqual([[], { [count('operation')]: 1 }]);
  });

  it('PC-3: nothing is said of requests that no operation takes', () => {
    const { said, counted, x } = told(operationOf({ deprecated: true, deprecation: DATED }), { none: true });
    expect([said, counted, x.flags]).toEqual([[], {}, []]);
  });

  it('PC-3: counts use by element and consumer, and flags the exchange', () => {
    const parts = { inHeads: () => [{ element: 'parameter', specPointer: '/p' } as const], inBody: () => [] };
    const { counted, x } = told(operationOf({ deprecated: true, deprecatedParts: parts }), { fields: [FIELD, ANSWERED], consumer: 'cron' });
    const elements = ['operation', 'parameter', 'request_field', 'response_field'];
    expect(counted).toEqual(Object.fromEntries(elements.map((element) => [count(element, 'cron'), 1])));
    expect(x.flags).toEqual(['deprecated']);
  });

  it('PC-3: counts no use where nothing deprecated was used', () => {
    const { counted, x } = told(operationOf({ deprecatedParts: { inHeads: () => [], inBody: () => [] } }));
    expect([counted, x.flags]).toEqual([{}, []]);
  });

  it('PC-3: what a refusal kept back was not delivered', () => {
    const heads: unknown[] = [];
    const parts = {
      inHeads: (_: unknown, response: unknown) => {
        heads.push(response);
        return [];
      },
      inBody: () => [],
    };
    const refusal = refuse(rejection('RESPONSE_CONTRACT_VIOLATION', 'broken'));
    const { counted } = told(operationOf({ deprecatedParts: parts }), { fields: [FIELD, ANSWERED], answer: refusal });
    expect([counted, heads]).toEqual([{ [count('request_field')]: 1 }, [undefined]]);
  });
});
