import { describe, expect, it } from 'vitest';
import { fakeOperation, invalid, skippedFor } from '../../../test/kit/contract.ts';
import { checked, chunks, judged } from '../../../test/kit/contract-stage.ts';
import { FakeBody, answerOf } from '../../../test/kit/exchange.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';

const ENFORCE = { request: 'enforce' } as const;
const RESPONSE = { response: 'enforce', request: 'off' } as const;

const withBody = (text: string): FakeBody => {
  const body = new FakeBody('ended');
  body.result = chunks(text);
  return body;
};

describe('requests in enforce', () => {
  it('CP-1: what the contract allows passes, and is counted', async () => {
    const { request, operation, checks, body } = judged({ config: ENFORCE, body: withBody('{}') });
    expect(await request()).toBeUndefined();
    expect(operation.checks).toEqual(['request head', 'request body {}']);
    expect([body.asked, checks()]).toEqual([['whole 1048576'], checked('request', 'valid')]);
  });

  it('CP-4: a head that breaks the contract is refused before the body is asked for', async () => {
    const operation = fakeOperation({ requestHead: invalid({ rule: 'media_type', location: 'media_type' }) });
    const { request, body, checks } = judged({ config: ENFORCE, operation, body: new FakeBody('unread') });
    expect((await request())?.code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect([operation.checks, body.asked, checks()]).toEqual([['request head'], [], checked('request', 'invalid')]);
  });

  it('CP-1: a body that breaks it is refused with its fields, counted, and told to whoever observes', async () => {
    const operation = fakeOperation({ requestBody: invalid({}, { pointer: '/currency', rule: 'enum' }) });
    const { request, checks, deps, x } = judged({ config: ENFORCE, operation, body: withBody('{}') });
    const refused = await request();
    expect([refused?.code, refused?.fields?.map(({ path }) => path)]).toEqual(['REQUEST_CONTRACT_VIOLATION', ['amount', 'currency']]);
    expect(checks()).toEqual(checked('request', 'invalid'));
    expect(deps.meter.series('contract_violations_total')).toEqual({
      'direction=ingress,api=billing,operation=createPayment,side=request,location=body,rule=required': 1,
      'direction=ingress,api=billing,operation=createPayment,side=request,location=body,rule=enum': 1,
    });
    expect(deps.findings.map(({ mode, pointer }) => `${mode} ${pointer}`)).toEqual(['enforce /amount', 'enforce /currency']);
    expect(x.findings).toEqual(deps.findings);
  });

  it('CP-1: a request without a body is judged as one', async () => {
    const operation = fakeOperation({ requestBody: invalid({ rule: 'body_required' }) });
    const { request } = judged({ config: ENFORCE, operation, body: new FakeBody('none') });
    expect((await request())?.code).toBe('REQUEST_CONTRACT_VIOLATION');
    expect(operation.checks).toEqual(['request head', 'request body -']);
  });

  it('CP-1: an empty body that was announced is none', async () => {
    const { request, operation } = judged({ config: ENFORCE, body: withBody('') });
    await request();
    expect(operation.checks).toEqual(['request head', 'request body -']);
  });

  it('CP-4: a body that the verdict does not need is not waited for', async () => {
    const { request, body, checks } = judged({ config: ENFORCE, operation: fakeOperation({ looksAtRequest: false }) });
    expect(await request()).toBeUndefined();
    expect([body.asked, checks()]).toEqual([[], checked('request', 'valid')]);
  });

  it('EV-3: a body that broke off is judged neither way', async () => {
    const { request, body, checks, finish } = judged({ config: ENFORCE });
    body.result = Promise.resolve('cancelled');
    expect(await request()).toBeUndefined();
    finish('client-closed');
    expect(checks()).toEqual({});
  });

  it.each([
    [{ miss: 'path' }, 'OPERATION_NOT_FOUND', undefined, 'undocumented_path'],
    [{ miss: 'method', allow: ['GET', 'PUT'] }, 'METHOD_NOT_ALLOWED', ['Allow', 'GET, PUT'], 'undocumented_method'],
  ] as const)('CP-1: what the contract does not know (%j) is %s', async (match, code, headers, rule) => {
    const { request, checks, deps } = judged({ config: ENFORCE, match });
    const refused = await request();
    expect([refused?.code, refused?.headers]).toEqual([code, headers]);
    expect(checks()).toEqual(checked('request', 'invalid', '_unmatched'));
    expect(deps.findings[0]).toMatchObject({ rule, location: 'route', mode: 'enforce' });
  });

  it('CP-1: … and passes where undocumented is ignored', async () => {
    const { request, finish, answered, checks } = judged({ config: { ...ENFORCE, undocumented: 'ignore' }, match: { miss: 'path' } });
    expect(await request()).toBeUndefined();
    answered(answerOf(200));
    finish();
    expect(checks()).toEqual({});
  });

  it('CP-1: an operation that is off is not looked at', async () => {
    const { request, operation } = judged({ config: { ...ENFORCE, operations: { createPayment: { request: 'off' } } } });
    expect([await request(), operation.checks]).toEqual([undefined, []]);
  });
});

describe('CP-3: a request that cannot be checked in enforce', () => {
  it.each(['too_large', 'overload'] as const)('CP-3: %s passes and is counted, or is refused', async (reason) => {
    for (const [onUnchecked, code] of [
      ['pass', undefined],
      ['refuse', reason === 'too_large' ? 'BODY_TOO_LARGE' : 'OVERLOADED'],
    ] as const) {
      const { request, body, checks } = judged({ config: { ...ENFORCE, onUnchecked } });
      body.result = Promise.resolve(reason);
      expect((await request())?.code).toBe(code);
      expect(checks()).toEqual(checked('request', `skipped ${reason}`));
    }
  });

  it('CP-3: an unknown encoding passes and is counted, or is refused', async () => {
    const operation = fakeOperation({ looksAtRequest: 'encoding' });
    expect(await judged({ config: ENFORCE, operation }).request()).toBeUndefined();
    expect((await judged({ config: { ...ENFORCE, onUnchecked: 'refuse' }, operation }).request())?.code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });

  it.each(['stream', 'no_schema', 'unsupported', 'media_type'] as const)('CP-3: %s is not what refuse is about', async (reason) => {
    const { request, checks } = judged({
      config: { ...ENFORCE, onUnchecked: 'refuse' },
      operation: fakeOperation({ looksAtRequest: reason }),
    });
    expect(await request()).toBeUndefined();
    expect(checks()).toEqual(checked('request', `skipped ${reason}`));
  });

  it('CP-3: load never skips an enforced check', async () => {
    const made = judged({ config: ENFORCE, operation: fakeOperation({ requestBody: invalid({}) }), body: withBody('{}') });
    made.deps.busy = true;
    expect((await made.request())?.code).toBe('REQUEST_CONTRACT_VIOLATION');
  });

  it('CP-3: a large body is refused though a parameter could not be judged either', async () => {
    const operation = fakeOperation({ requestHead: skippedFor('unsupported') });
    const { request, body } = judged({ config: { ...ENFORCE, onUnchecked: 'refuse' }, operation });
    body.result = 'too_large';
    expect((await request())?.code).toBe('BODY_TOO_LARGE');
  });
});

describe('answers in enforce', () => {
  const answer = answerOf(200, { body: Buffer.from('{"id":1}') });

  it('CP-1: are held back whole until they have been judged', async () => {
    const { need, respond, operation, checks } = judged({ config: RESPONSE });
    expect(need()).toEqual({ as: 'whole', maxBytes: 1024 * 1024 });
    expect(await respond(answer)).toBe(answer);
    expect(operation.checks).toEqual(['response head', 'response body {"id":1}']);
    expect(checks()).toEqual(checked('response', 'valid'));
  });

  it('EV-6: one that breaks the contract is 502 with the status that the upstream gave, counted once', async () => {
    const operation = fakeOperation({ responseBody: invalid({ side: 'response' }) });
    const { respond, checks, finish, answered, deps } = judged({ config: RESPONSE, operation });
    const given = await respond(answer);
    expect(given.rejection).toMatchObject({ code: 'RESPONSE_CONTRACT_VIOLATION', receivedStatus: 200 });
    answered(given);
    finish();
    expect([checks(), deps.findings.length]).toEqual([checked('response', 'invalid'), 1]);
  });

  it.each(['too_large', 'overload'] as const)('CP-3: %s passes and is counted, or is refused', async (unread) => {
    const stream = answerOf(200, { unread });
    const passed = judged({ config: RESPONSE });
    expect(await passed.respond(stream)).toBe(stream);
    expect(passed.checks()).toEqual(checked('response', `skipped ${unread}`));
    const refused = await judged({ config: { ...RESPONSE, onUnchecked: 'refuse' } }).respond(stream);
    expect(refused.rejection).toMatchObject({ code: 'RESPONSE_CONTRACT_VIOLATION', proxyDetails: unread, receivedStatus: 200 });
  });

  it.each(['stream', 'no_schema', 'media_type'] as const)(
    'CP-3: a body that is never held (%s) passes even with refuse',
    async (reason) => {
      const operation = fakeOperation({ looksAtResponse: reason });
      const { need, respond, checks } = judged({ config: { ...RESPONSE, onUnchecked: 'refuse' }, operation });
      const stream = answerOf(200);
      expect([need(stream), await respond(stream)]).toEqual([undefined, stream]);
      expect(checks()).toEqual(checked('response', `skipped ${reason}`));
    },
  );

  it('EV-10: one whose body is not looked at (HEAD, 204, 304) is judged by its head alone', async () => {
    const operation = fakeOperation({ looksAtResponse: false, responseHead: invalid({ rule: 'undocumented_status', side: 'response' }) });
    const { need, respond } = judged({ config: RESPONSE, operation, method: 'HEAD' });
    expect(need(answerOf(204))).toBeUndefined();
    expect((await respond(answerOf(204))).rejection?.code).toBe('RESPONSE_CONTRACT_VIOLATION');
    expect(operation.checks).toEqual(['response head']);
  });

  it('CP-1: answers of the gateway itself are not the provider’s, and those of unknown operations nobody’s', async () => {
    const own = refuse(rejection('UPSTREAM_REFUSED', ''));
    const { need, respond, checks } = judged({ config: RESPONSE });
    expect([need(own), await respond(own), checks()]).toEqual([undefined, own, {}]);
    const unknown = judged({ config: RESPONSE, match: { miss: 'path' } });
    expect([unknown.need(answer), await unknown.respond(answer), unknown.checks()]).toEqual([undefined, answer, {}]);
  });
});
