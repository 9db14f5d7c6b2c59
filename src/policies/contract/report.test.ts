import { describe, expect, it } from 'vitest';
import { fakeOperation, invalid } from '../../../test/kit/contract.ts';
import { checked, judged } from '../../../test/kit/contract-stage.ts';
import { FakeBody, answerOf, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { Issues } from '../../core/schema.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';
import { contractSchema } from './config.ts';
import { contract } from './stage.ts';

const both = (request: string, response: string) => ({ ...checked('request', request), ...checked('response', response) });

describe('an exchange in report', () => {
  it('CP-1: is judged on copies, after its answer has left, and nothing is held back', async () => {
    const { request, need, respond, answered, copy, finish, operation, body, checks } = judged();
    expect([await request(), body.asked, need()]).toEqual([undefined, ['copy 1048576'], { as: 'copy', maxBytes: 1024 * 1024 }]);
    const answer = answerOf(200);
    expect(await respond(answer)).toBe(answer);
    expect(operation.checks).toEqual([]);
    answered(answer);
    copy('request', '{}');
    copy('response', '{"id":1}');
    expect(operation.checks).toEqual(['request head', 'request body {}', 'response head', 'response body {"id":1}']);
    finish();
    expect(checks()).toEqual(both('valid', 'valid'));
  });

  it('CP-1: what is broken is counted, told, and changes nothing for the caller', async () => {
    const operation = fakeOperation({
      requestBody: invalid({}),
      responseBody: invalid({ side: 'response', pointer: '/id', rule: 'type' }),
    });
    const { request, respond, answered, copy, finish, checks, deps, x } = judged({ operation });
    expect(await request()).toBeUndefined();
    const answer = answerOf(200);
    expect(await respond(answer)).toBe(answer);
    answered(answer);
    copy('request', '{}');
    copy('response', '{}');
    finish();
    expect(checks()).toEqual(both('invalid', 'invalid'));
    expect(deps.findings.map(({ side, mode, rule }) => `${side} ${mode} ${rule}`)).toEqual([
      'request report required',
      'response report type',
    ]);
    expect([x.count('request'), x.count('response')]).toEqual([1, 1]);
  });

  it('values are told of fields that showValues names, and of no other', async () => {
    const named = { pointer: '/status', rule: 'enum', value: '"lost"' };
    const other = { pointer: '/card', rule: 'maxLength', value: '"4111"' };
    for (const [showValues, told] of [
      [undefined, [undefined, undefined]],
      [['status'], ['"lost"', undefined]],
    ] as const) {
      const operation = fakeOperation({ requestBody: invalid(named, other) });
      const { request, answered, copy, finish, deps, x } = judged({
        operation,
        ...(showValues !== undefined && { config: { showValues } }),
      });
      await request();
      answered(answerOf(200));
      copy('request', '{}');
      finish();
      expect(deps.findings.map(({ value }) => value)).toEqual(told);
      expect(x.findings.map(({ value }) => value)).toEqual(told);
    }
  });

  it('bodies that are not looked at are not copied, and the heads are judged when all is over', async () => {
    const operation = fakeOperation({ looksAtRequest: false, looksAtResponse: false });
    const { request, need, answered, finish, body, checks } = judged({ operation });
    await request();
    expect([body.asked, need()]).toEqual([[], undefined]);
    answered(answerOf(204));
    finish();
    expect(operation.checks).toEqual(['request head', 'response head']);
    expect(checks()).toEqual(both('valid', 'valid'));
  });

  it('a request without a body is judged as one', async () => {
    const { request, answered, finish, operation } = judged({ body: new FakeBody('none') });
    await request();
    answered(answerOf(200));
    finish();
    expect(operation.checks).toContain('request body -');
  });

  it.each(['too_large', 'overload'] as const)('a copy that could not be had is skipped: %s', async (unread) => {
    const { request, answered, copy, finish, checks } = judged();
    await request();
    answered(answerOf(200));
    copy('request', undefined, unread);
    copy('response', undefined, unread);
    finish();
    expect(checks()).toEqual(both(`skipped ${unread}`, `skipped ${unread}`));
  });

  it('a busy process copies nothing and says so', async () => {
    const { request, need, answered, finish, checks, deps, body } = judged();
    deps.busy = true;
    await request();
    expect([body.asked, need()]).toEqual([[], undefined]);
    answered(answerOf(200));
    finish();
    expect(checks()).toEqual(both('skipped overload', 'skipped overload'));
  });

  it('a head that is broken is broken, though the body could not be judged', async () => {
    const { request, answered, copy, finish, checks } = judged({
      operation: fakeOperation({ requestHead: invalid({ location: 'query' }) }),
    });
    await request();
    answered(answerOf(200));
    copy('request', undefined, 'too_large');
    copy('response', '{}');
    finish();
    expect(checks()).toEqual(both('invalid', 'valid'));
  });

  it('EV-3: nobody is judged whose caller left, nor an answer cut short', async () => {
    const left = judged();
    await left.request();
    left.answered(answerOf(200));
    left.finish('client-closed');
    expect(left.checks()).toEqual({});
    const broken = judged();
    await broken.request();
    broken.answered(answerOf(200));
    broken.copy('request', '{}');
    broken.finish('upstream-broken');
    expect(broken.checks()).toEqual(checked('request', 'valid'));
  });

  it('an upload that did not end is not judged', async () => {
    const { request, answered, finish, checks, body } = judged({ body: new FakeBody('arriving') });
    await request();
    answered(answerOf(200));
    body.state = 'broken';
    finish();
    expect(checks()).toEqual(checked('response', 'skipped overload'));
  });

  it('answers of the gateway itself are not judged', async () => {
    const { request, answered, copy, finish, checks } = judged();
    await request();
    answered(refuse(rejection('UPSTREAM_REFUSED', '')));
    copy('request', '{}');
    copy('response', '{}');
    finish();
    expect(checks()).toEqual(checked('request', 'valid'));
  });

  it('measures each verdict', async () => {
    const { request, answered, copy, deps } = judged();
    await request();
    answered(answerOf(200));
    copy('request', '{}');
    expect(deps.meter.value('validation_duration_seconds', { side: 'request' })).toBe(1);
  });
});

describe('what the contract does not know, in report', () => {
  it.each([
    [{ miss: 'path' }, 'undocumented_path'],
    [{ miss: 'method', allow: ['GET'] }, 'undocumented_method'],
  ] as const)('CP-1: %j passes and is a finding', async (match, rule) => {
    const { request, need, answered, copy, finish, checks, deps } = judged({ match });
    expect([await request(), need()]).toEqual([undefined, undefined]);
    answered(answerOf(200));
    copy('request', '{}');
    finish();
    expect(checks()).toEqual(checked('request', 'invalid', '_unmatched'));
    expect(deps.findings.map(({ rule: broken, mode }) => [broken, mode])).toEqual([[rule, 'report']]);
  });

  it('CP-2: ignored paths and preflights are nothing', async () => {
    const preflight = ['Origin', 'https://shop.example', 'Access-Control-Request-Method', 'PUT'];
    for (const given of [
      { config: { ignore: ['/payments'] } },
      { config: { request: 'enforce' as const }, method: 'OPTIONS', headers: preflight, match: { miss: 'path' as const } },
    ]) {
      const { request, answered, finish, checks, operation } = judged(given);
      expect(await request()).toBeUndefined();
      answered(answerOf(200));
      finish();
      expect([checks(), operation.checks]).toEqual([{}, []]);
    }
  });
});

describe('CP-5: a request that the upstream itself refused', () => {
  async function refusedBy(status: number, countRefused: boolean) {
    const operation = fakeOperation({ requestBody: invalid({}) });
    const made = judged({ operation, config: { countRefused } });
    await made.request();
    made.answered(answerOf(status));
    made.copy('request', '{}');
    return { checks: made.checks(), findings: made.deps.findings.length, violations: made.violations() };
  }

  it.each([400, 422, 499])('CP-5: with %d is counted as checked, and is no violation and no finding', async (status) => {
    expect(await refusedBy(status, false)).toEqual({ checks: checked('request', 'invalid'), findings: 0, violations: 0 });
  });

  it.each([200, 302, 500])('CP-5: with %d was not refused', async (status) => {
    expect(await refusedBy(status, false)).toEqual({ checks: checked('request', 'invalid'), findings: 1, violations: 1 });
  });

  it('CP-5: countRefused counts it all the same', async () => {
    expect(await refusedBy(422, true)).toMatchObject({ findings: 1, violations: 1 });
  });
});

describe('who is not judged', () => {
  it('CP-1: those outside the sample, counted as skipped', async () => {
    for (const [unit, expected] of [
      [0.3, both('valid', 'valid')],
      [0.5, both('skipped sampled', 'skipped sampled')],
    ] as const) {
      const deps = fakeDeps();
      deps.random.nextUnit = unit;
      const { request, answered, copy, finish, need, checks, body } = judged({ deps, config: { sample: 0.5 } });
      await request();
      const looked = unit < 0.5;
      expect([body.asked.length, need() !== undefined]).toEqual([looked ? 1 : 0, looked]);
      answered(answerOf(200));
      copy('request', '{}');
      copy('response', '{}');
      finish();
      expect(checks()).toEqual(expected);
    }
  });

  it('CP-1: those whose contract could not be loaded, in enforce too: skipped{no_contract}', async () => {
    const { request, answered, finish, checks } = judged({ contractMissing: true, config: { request: 'enforce', response: 'enforce' } });
    expect(await request()).toBeUndefined();
    answered(answerOf(200));
    finish();
    expect(checks()).toEqual({
      ...checked('request', 'skipped no_contract', '_unmatched'),
      ...checked('response', 'skipped no_contract', '_unmatched'),
    });
  });

  it('a route without a contract has no such stage', () => {
    expect(contract.compile(contractSchema.parse({}, [], new Issues()), routeSpec(), fakeDeps())).toBeUndefined();
  });

  it('CP-1: off looks at nothing', async () => {
    const { request, need, answered, copy, finish, checks, operation, body } = judged({ config: { request: 'off', response: 'off' } });
    await request();
    expect([need(), body.asked]).toEqual([undefined, []]);
    answered(answerOf(200));
    copy('request', '{}');
    finish();
    expect([checks(), operation.checks]).toEqual([{}, []]);
  });
});
