/** HD-2 and HY: who asks, by the token that came along. */
import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { settle } from '../../../../test/kit/clock.ts';
import { type FakeDeps, type Given, exchange, fakeDeps, routeSpec } from '../../../../test/kit/exchange.ts';
import { TestIssuer } from '../../../../test/kit/issuer.ts';
import type { Exchange } from '../../../core/exchange.ts';
import type { KeySet, KnownKeys } from '../../../core/keys.ts';
import { rejection } from '../../../core/rejection.ts';
import { Issues } from '../../../core/schema.ts';
import { identitySchema, tokensOf } from '../config.ts';
import { naming } from '../naming.ts';
import { identity } from '../stage.ts';

const issuer = new TestIssuer();
const JWKS = 'https://issuer.example/jwks.json';
const VERIFY = { jwks: JWKS, audience: 'billing' };
const BY_TOKEN = { consumer: [{ jwt: { claim: 'azp', version: 'ver' } }, 'userAgent'], verify: VERIFY };

/** Keys that come when a test says so. */
async function keysOf(kid: string) {
  const { jwk } = await issuer.key(kid);
  const known: KnownKeys = {
    version: 1,
    stale: false,
    has: (name) => name === kid,
    find: () => [createPublicKey({ key: jwk, format: 'jwk' })],
  };
  const { promise, resolve } = Promise.withResolvers<KnownKeys>();
  const opened: string[] = [];
  const set: KeySet = { current: () => promise, newer: () => 'same', [Symbol.dispose]: () => undefined };
  const open = (url: string): KeySet => {
    opened.push(url);
    return set;
  };
  return { keys: { open }, opened, come: () => resolve(known) };
}

function stageOf(section: object, deps: FakeDeps) {
  const issues = new Issues();
  const read = identitySchema.parse(section, [], issues);
  expect(issues.list).toEqual([]);
  const config = { ids: 'anyone', consumer: read.consumer, ...tokensOf(read) } as const;
  const names = naming.compile(config, routeSpec(), deps);
  return Object.assign(identity.compile(config, routeSpec(), deps), { named: (x: Exchange) => names?.onRequest(x) });
}

async function asked(section: object, claims: object, given: Given = {}, kid = 'a') {
  const { keys, opened, come } = await keysOf('a');
  const deps = Object.assign(fakeDeps(), { keys });
  const stage = stageOf(section, deps);
  const exp = deps.clock.wallMs() / 1000 + 60;
  const token = await issuer.token({ aud: 'billing', sub: 'u1', exp, ...claims }, kid);
  const x = exchange({ headers: ['Authorization', `Bearer ${token}`, 'User-Agent', 'curl/8'], ...given });
  return { stage, x, deps, opened, come, token };
}

describe('HD-2: the consumer of a verified token', () => {
  it('HD-2: is the claim that is named, with its version', async () => {
    const { stage, x, come } = await asked(BY_TOKEN, { azp: 'web-shop', ver: '2.1' });
    expect(stage.onRequest(x)).toBeUndefined();
    const waiting = stage.named(x);
    expect(waiting).toBeInstanceOf(Promise);
    expect(x.consumer.name).toBe('curl');
    come();
    await waiting;
    expect([x.consumer, x.credentials]).toEqual([{ name: 'web-shop', version: '2.1' }, expect.objectContaining({ is: 'verified' })]);
    const again = exchange({ headers: x.request.headers });
    expect([stage.onRequest(again), stage.named(again)]).toEqual([undefined, undefined]);
    expect(again.consumer.name).toBe('web-shop');
  });

  it.each<[claims: object, kid: string]>([
    [{ azp: 'web-shop', aud: 'other' }, 'a'],
    [{ azp: 'web-shop' }, 'forged'],
    [{ azp: 7 }, 'a'],
    [{ azp: 'n'.repeat(65) }, 'a'],
    [{ azp: 'a\nb' }, 'a'],
    [{}, 'a'],
  ])('HD-2: of %j is the next source', async (claims, kid) => {
    const { stage, x, come } = await asked(BY_TOKEN, claims, {}, kid);
    come();
    stage.onRequest(x);
    await stage.named(x);
    expect(x.consumer).toEqual({ name: 'curl', version: '8' });
  });

  it('HD-2: a source before it that names somebody waits for nothing', async () => {
    const section = { consumer: [{ header: 'X-Consumer-Name' }, ...BY_TOKEN.consumer], verify: VERIFY };
    const { stage, x, token } = await asked(section, {}, { headers: ['X-Consumer-Name', 'shop', 'Authorization', 'Bearer a.b.c'] });
    const stranger = exchange({ headers: ['X-Consumer-Name', 'shop', 'Authorization', `Bearer ${token}`], trusted: false });
    for (const one of [x, stranger]) expect(stage.onRequest(one)).toBeUndefined();
    expect([x.consumer.name, stage.named(x), stage.named(stranger)]).toEqual(['shop', undefined, expect.any(Promise)]);
  });

  it('waits no longer than the exchange', async () => {
    const { stage, x, deps } = await asked(BY_TOKEN, {});
    stage.onRequest(x);
    const waiting = stage.named(x);
    deps.clock.advance(5);
    x.cancel(rejection('CLIENT_CLOSED', 'gone'));
    await waiting;
    expect([x.consumer.name, x.waitedMs]).toEqual(['curl', 5]);
  });

  it('waits for half of the time that is left: a name is not worth the answer', async () => {
    const { stage, x, deps, come } = await asked(BY_TOKEN, { azp: 'web-shop' });
    stage.onRequest(x);
    x.deadlineAt = deps.clock.monotonicMs() + 100;
    void stage.named(x);
    deps.clock.advance(50);
    await settle();
    expect([x.consumer.name, x.waitedMs]).toEqual(['curl', 50]);
    come();
    await settle();
    expect(x.consumer.name).toBe('curl');
  });

  it('leaves no timer behind', async () => {
    const { stage, x, deps, come } = await asked(BY_TOKEN, { azp: 'web-shop' });
    stage.onRequest(x);
    x.deadlineAt = deps.clock.monotonicMs() + 100;
    const waiting = stage.named(x);
    come();
    await waiting;
    expect([x.consumer.name, deps.clock.pending]).toEqual(['web-shop', 0]);
  });
});

describe('what becomes of a token', () => {
  it('is found out beside the exchange where nobody is named by it', async () => {
    const { stage, x, come, deps } = await asked({ verify: VERIFY }, {});
    expect(stage.onRequest(x)).toBeUndefined();
    expect([x.credentials, x.consumer.name]).toEqual([expect.any(Promise), 'curl']);
    come();
    await x.credentials;
    await settle();
    expect(x.credentials).toMatchObject({ is: 'verified' });
    expect(deps.meter.series('token_verifications_total')).toEqual({ 'outcome=verified': 1 });
  });

  it.each<readonly [what: string, headers: readonly string[], target: string, verdict: unknown]>([
    ['none', ['Authorization', 'Basic YTpi'], '/', { is: 'absent' }],
    ['none in that form', ['Authorization', 'Bearer a b'], '/', { is: 'absent' }],
    [
      'two',
      ['Authorization', 'Bearer a', 'authorization', 'DPoP b'],
      '/',
      { is: 'invalid', detail: 'more than one access token was sent' },
    ],
    [
      'one here and one there',
      ['Authorization', 'Bearer a'],
      '/?access_token=b',
      { is: 'invalid', detail: 'more than one access token was sent' },
    ],
    ['two in the query', [], '/?access_token=a&access%5Ftoken=b', { is: 'invalid', detail: 'more than one access token was sent' }],
  ])('%s is told at once', async (_, headers, target, verdict) => {
    const { stage } = await asked({ verify: VERIFY }, {});
    const x = exchange({ headers, target });
    void stage.onRequest(x);
    expect(x.credentials).toEqual(verdict);
  });

  it('one in the query, or bound to a key, is verified like any other', async () => {
    const { stage, come, token } = await asked({ verify: VERIFY }, {});
    come();
    for (const x of [exchange({ target: `/?a=1&access_token=${token}` }), exchange({ headers: ['Authorization', `dpop ${token}`] })]) {
      void stage.onRequest(x);
      expect(await x.credentials).toMatchObject({ is: 'verified' });
    }
  });

  it('counts for nothing but the name where `verify` is not configured', async () => {
    const { stage, x, come } = await asked({ consumer: [{ jwt: { claim: 'azp', jwks: JWKS } }] }, { azp: 'shop', aud: 'anyone' });
    come();
    stage.onRequest(x);
    await stage.named(x);
    expect([x.consumer.name, x.credentials]).toEqual(['shop', undefined]);
  });

  it('is nobody’s business where it is not configured', async () => {
    const { stage, x, opened } = await asked({}, {});
    expect([stage.onRequest(x), x.credentials, opened]).toEqual([undefined, undefined, []]);
  });

  it('keys are opened once, and what is known outlives a reload', async () => {
    const { stage, x, deps, opened, come } = await asked(BY_TOKEN, { azp: 'shop' });
    come();
    stage.onRequest(x);
    await stage.named(x);
    const later = exchange({ headers: x.request.headers });
    expect(stageOf(BY_TOKEN, deps).onRequest(later)).toBeUndefined();
    expect([later.consumer.name, opened]).toEqual(['shop', [JWKS]]);
  });
});
