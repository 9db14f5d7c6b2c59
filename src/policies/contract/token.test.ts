/** What becomes of the access token, as the contract stage sees it. */
import { describe, expect, it } from 'vitest';
import { chunks, checked, judged } from '../../../test/kit/contract-stage.ts';
import { fakeOperation, invalid, skippedFor, violation } from '../../../test/kit/contract.ts';
import { settle } from '../../../test/kit/clock.ts';
import { FakeBody, answerOf } from '../../../test/kit/exchange.ts';
import { type Outcome, VALID } from '../../core/contract.ts';
import type { TokenVerdict } from '../../core/credentials.ts';
import { rejection } from '../../core/rejection.ts';
import { refusalOf, unverified } from './verdict.ts';

const VERIFIED: TokenVerdict = { is: 'verified', token: { principal: 'p', scopes: new Set(), claims: new Map() } };
const INVALID: TokenVerdict = { is: 'invalid', detail: 'the token has expired' };
const NO_KEYS: TokenVerdict = { is: 'unknown', why: 'keys' };

/** An operation that asks for a token, and says of each verdict what the contract would. */
function guarded(asksForToken = true) {
  const seen: Array<TokenVerdict | undefined> = [];
  const verdictOn = (token: TokenVerdict | undefined): Outcome => {
    if (token?.is === 'unknown') return skippedFor('unverified');
    return token?.is === 'invalid' ? invalid({ rule: 'credentials_invalid', location: 'security', detail: token.detail }) : VALID;
  };
  const operation = Object.assign(fakeOperation({ challenge: 'Bearer realm="b"' }), {
    asksForToken: () => asksForToken,
    checkRequestHead(_request: unknown, _params: unknown, token?: TokenVerdict) {
      seen.push(token);
      return verdictOn(token);
    },
  });
  return { operation, seen };
}

function arriving(): { readonly verdict: Promise<TokenVerdict>; readonly come: (verdict: TokenVerdict) => void } {
  const { promise, resolve } = Promise.withResolvers<TokenVerdict>();
  return { verdict: promise, come: resolve };
}

describe('enforce', () => {
  const enforce = { request: 'enforce', response: 'off' } as const;

  it('CP-4: waits for the verdict on the token before the body is asked for, and tells how long', async () => {
    const { operation, seen } = guarded();
    const body = new FakeBody('unread');
    body.result = chunks('{}');
    const { x, request, deps } = judged({ operation, config: enforce, body });
    const { verdict, come } = arriving();
    x.credentials = verdict;
    const refused = request();
    await settle();
    expect([body.asked, seen]).toEqual([[], []]);
    deps.clock.advance(7);
    come(VERIFIED);
    expect([await refused, seen, body.asked.length, x.waitedMs]).toEqual([undefined, [VERIFIED], 1, 7]);
  });

  it('waits for nothing where the operation asks for no token, and where the verdict is there', async () => {
    const plain = guarded(false);
    const a = judged({ operation: plain.operation, config: enforce });
    a.x.credentials = arriving().verdict;
    expect([await a.request(), plain.seen]).toEqual([undefined, [undefined]]);
    const there = guarded();
    const b = judged({ operation: there.operation, config: enforce });
    b.x.credentials = INVALID;
    expect([(await b.request())?.code, there.seen]).toEqual(['CREDENTIALS_INVALID', [INVALID]]);
  });

  it('gives up with the exchange, and makes no verdict', async () => {
    const { operation, seen } = guarded();
    const { x, request, checks } = judged({ operation, config: enforce });
    x.credentials = arriving().verdict;
    const refused = request();
    x.cancel(rejection('CLIENT_CLOSED', 'gone'));
    expect([await refused, seen, checks()]).toEqual([undefined, [], {}]);
  });

  it('CP-3: a token that cannot be verified passes and is counted, or is refused before its body is read', async () => {
    const passing = judged({ operation: guarded().operation, config: enforce, body: new FakeBody('none') });
    passing.x.credentials = NO_KEYS;
    expect(await passing.request()).toBeUndefined();
    expect(passing.checks()).toEqual(checked('request', 'skipped unverified'));
    const body = new FakeBody('unread');
    const refusing = judged({ operation: guarded().operation, config: { ...enforce, onUnchecked: 'refuse' }, body });
    refusing.x.credentials = NO_KEYS;
    expect(await refusing.request()).toMatchObject({ code: 'OVERLOADED', headers: ['Retry-After', '1'] });
    expect(body.asked).toEqual([]);
  });

  it('a token that will never be readable here is not worth another try', () => {
    const operation = fakeOperation({ challenge: 'Bearer realm="b"' });
    expect(unverified(operation, { is: 'unknown', why: 'encrypted' })).toMatchObject({
      code: 'CREDENTIALS_INVALID',
      headers: ['WWW-Authenticate', 'Bearer realm="b"'],
    });
    expect(unverified(operation, { is: 'unknown', why: 'overload' }).code).toBe('OVERLOADED');
  });

  it('ER-1: what is wrong with credentials comes with a challenge; scopes each as a field, and nothing of what else is wrong', () => {
    const operation = fakeOperation({ challenge: 'Bearer realm="b"' });
    const scope = (name: string) => violation({ rule: 'scope_missing', location: 'security', pointer: '', detail: `lacks ${name}` });
    expect(refusalOf(operation, [scope('a'), scope('b'), violation()])).toEqual({
      code: 'SCOPE_MISSING',
      detail: 'lacks a',
      headers: ['WWW-Authenticate', 'Bearer realm="b"'],
      fields: [
        { path: '', in: 'security', code: 'SCOPE_MISSING', message: 'lacks a' },
        { path: '', in: 'security', code: 'SCOPE_MISSING', message: 'lacks b' },
      ],
    });
  });
});

describe('report', () => {
  it('delays nothing, and the verdict may come after the exchange', async () => {
    const { operation, seen } = guarded();
    const { x, request, answered, finish, checks, deps } = judged({ operation, body: new FakeBody('none'), config: { response: 'off' } });
    const { verdict, come } = arriving();
    x.credentials = verdict;
    expect(await request()).toBeUndefined();
    answered(answerOf(200));
    finish();
    expect(seen).toEqual([]);
    come(INVALID);
    await settle();
    expect([seen, checks(), deps.findings.map(({ rule, mode }) => `${rule} ${mode}`)]).toEqual([
      [INVALID],
      checked('request', 'invalid'),
      ['credentials_invalid report'],
    ]);
  });

  it('CP-5: a token that the service itself refused is counted, not told of', () => {
    const { x, answered, finish, checks, violations } = judged({
      operation: guarded().operation,
      body: new FakeBody('none'),
      config: { response: 'off' },
    });
    x.credentials = INVALID;
    answered(answerOf(401));
    finish();
    expect([checks(), violations()]).toEqual([checked('request', 'invalid'), 0]);
  });
});
