import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { type Given, answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { Issues } from '../../core/schema.ts';
import type { Answer, Stage } from '../../core/stage.ts';
import { preconditionSchema } from './config.ts';
import { precondition } from './stage.ts';

const operation = fakeOperation({ id: 'updateInvoice' });
const match = { operation, params: new Map<string, string>() };

function compiled(required: readonly string[] = ['updateInvoice']) {
  const deps = fakeDeps();
  const route = routeSpec({ contract: fakeContract([operation]) });
  const stage: Stage = precondition.compile({ required }, route, deps);
  const ask = (given: Given): Answer | undefined => stage.onRequest?.(exchange({ match, ...given }), undefined) as Answer | undefined;
  const answered = (answer: Answer, given: Given = {}): Answer =>
    stage.onResponse?.(exchange({ match, ...given }), answer, undefined) as Answer;
  return { deps, stage, ask, answered, counted: () => deps.meter.series('preconditions_total') };
}

describe('PC-1: a required precondition', () => {
  it('DF-2: is none unless it is named; writes are watched all the same', () => {
    expect(preconditionSchema.parse({}, [], new Issues())).toEqual({ required: [] });
    expect(compiled([]).ask({ method: 'PUT' })).toBeUndefined();
  });

  it.each<[string, readonly string[]]>([
    ['no condition', []],
    ['an empty one', ['If-Match', '']],
    ['another one', ['If-Unmodified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT']],
    ['one for a creation', ['If-None-Match', '*']],
  ])('PC-1: with %s the answer is 428, counted, and says what to send', (_, headers) => {
    const { ask, counted } = compiled();
    const answer = ask({ method: 'PUT', headers });
    expect([answer?.status, answer?.rejection?.code]).toEqual([428, 'PRECONDITION_REQUIRED']);
    expect(answer?.rejection?.detail).toContain('updateInvoice must say which version it changes: send If-Match');
    expect(counted()).toEqual({ 'api=billing,operation=updateInvoice,outcome=required': 1 });
  });

  it.each(['"1"', 'W/"1"', '*', '"1", "2"', '1'])('PC-1: If-Match: %s is for the service to judge', (value) => {
    const { ask, counted } = compiled();
    expect([ask({ method: 'PUT', headers: ['if-match', value] }), counted()]).toEqual([undefined, {}]);
  });

  it('PC-1: is for the operations that are named, and for no others', () => {
    const { stage, ask } = compiled(['createInvoice']);
    expect(ask({ method: 'PUT' })).toBeUndefined();
    expect(stage.onRequest?.(exchange({ method: 'PUT' }), undefined)).toBeUndefined();
  });

  it('PC-1: a 412 of the service passes and is counted', () => {
    const { answered, counted } = compiled([]);
    const failed = answerOf(412);
    expect(answered(failed)).toBe(failed);
    expect(counted()).toEqual({ 'api=billing,operation=updateInvoice,outcome=failed': 1 });
  });

  it.each(['replay', 'fallback', 'gateway'] as const)('PC-1: … but not the 412 of a %s', (origin) => {
    const { answered, counted } = compiled();
    answered(answerOf(412, { origin }));
    expect(counted()).toEqual({});
  });
});
