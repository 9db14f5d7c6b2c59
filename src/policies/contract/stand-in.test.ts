import { describe, expect, it } from 'vitest';
import { fakeOperation, invalid } from '../../../test/kit/contract.ts';
import { checked, judged } from '../../../test/kit/contract-stage.ts';
import { answerOf } from '../../../test/kit/exchange.ts';
import type { Answer } from '../../core/stage.ts';

const broken = () => fakeOperation({ responseBody: invalid({ side: 'response', pointer: '/id', rule: 'type' }) });
const whole = (origin: Answer['origin'], status = 200): Answer => answerOf(status, { origin, body: Buffer.from('{"id":"x"}') });
const ENFORCE = { response: 'enforce', request: 'off' } as const;
const REPORT = { response: 'report', request: 'off' } as const;

describe('an answer that is repeated under its idempotency key', () => {
  it('CP-1: is judged again in enforce', async () => {
    const { respond, finish, checks } = judged({ config: ENFORCE, operation: broken() });
    expect((await respond(whole('replay'))).rejection?.code).toBe('RESPONSE_CONTRACT_VIOLATION');
    finish();
    expect(checks()).toEqual(checked('response', 'invalid'));
  });

  it('CP-1: is neither counted nor told of again in report', async () => {
    const { need, respond, answered, copy, finish, checks, deps } = judged({ config: REPORT, operation: broken() });
    const answer = whole('replay');
    expect([need(answer), await respond(answer)]).toEqual([undefined, answer]);
    answered(answer);
    copy('response', '{"id":"x"}'); // somebody else wanted it
    finish();
    expect([checks(), deps.findings]).toEqual([{}, []]);
  });

  it('CP-5: of 4xx says that the service refused the request', async () => {
    const operation = fakeOperation({ requestBody: invalid({}) });
    const { request, answered, copy, finish, checks, deps } = judged({ config: { request: 'report', response: 'off' }, operation });
    await request();
    answered(whole('replay', 409));
    copy('request', '{}');
    finish();
    expect([checks(), deps.findings]).toEqual([checked('request', 'invalid'), []]);
  });
});

describe('FB-1: a fallback', () => {
  it.each([
    ['report', REPORT],
    ['enforce', ENFORCE],
  ])('FB-1: is judged in report where the mode is %s: told of, never refused', async (_, config) => {
    const { need, respond, answered, copy, finish, checks, deps } = judged({ config, operation: broken() });
    const answer = whole('fallback');
    expect(await respond(answer)).toBe(answer);
    expect(need(answer)).toEqual({ as: 'copy', maxBytes: 1024 * 1024 });
    answered(answer);
    copy('response', '{"id":"x"}');
    finish();
    expect(checks()).toEqual(checked('response', 'invalid'));
    expect(deps.findings.map(({ mode, rule }) => `${mode} ${rule}`)).toEqual(['report type']);
  });

  it('FB-1: is not refused either where what could not be checked is', async () => {
    const { need, respond, answered, finish, checks, deps } = judged({ config: { ...ENFORCE, onUnchecked: 'refuse' } });
    deps.busy = true;
    const answer = whole('fallback');
    expect([need(answer), await respond(answer)]).toEqual([undefined, answer]);
    answered(answer);
    finish();
    expect(checks()).toEqual(checked('response', 'skipped overload'));
  });

  it('FB-1: is not judged where answers are not', async () => {
    const { need, respond, answered, finish, checks } = judged({ config: { response: 'off', request: 'off' }, operation: broken() });
    const answer = whole('fallback');
    expect([need(answer), await respond(answer)]).toEqual([undefined, answer]);
    answered(answer);
    finish();
    expect(checks()).toEqual({});
  });
});
