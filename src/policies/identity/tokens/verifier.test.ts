import { createHmac } from 'node:crypto';
import { CompactSign, SignJWT, base64url } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { unsigned } from '../../../../test/kit/issuer.ts';
import { tokenBench } from '../../../../test/kit/token-bench.ts';
import { ALGORITHMS } from './config.ts';

const NOT_SIGNED = 'the token is not a signed JSON Web Token';
const OTHER_SIGNATURE = 'the signature of the token is not that of its issuer';
const OTHER_ALGORITHM = 'the token is signed with an algorithm that is not accepted';

let bench: Awaited<ReturnType<typeof tokenBench>>;
beforeEach(async () => {
  bench = await tokenBench();
});

describe('a token', () => {
  it.each(ALGORITHMS)('that is signed with %s is verified, and with other bytes it is not', async (alg) => {
    const { keys, issuer, claims, judged } = bench;
    await keys.add(alg, alg);
    keys.now = [alg];
    const token = await issuer.token(claims(), alg);
    const [head, body, signature = ''] = token.split('.');
    const other = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect([await judged(token), await judged(other), keys.asked]).toEqual(['verified', OTHER_SIGNATURE, 0]);
  });

  it('says who it stands for, what for, and what was asked for by name', async () => {
    const { issuer, verifier, claims } = bench;
    const more = { azp: 'web-shop', ver: 7, client_id: 'c1', scope: 'read write  read', scp: ['admin', 5], secret: 'x' };
    const verdict = await verifier().verify(await issuer.token(claims(more)));
    expect(verdict).toEqual({
      is: 'verified',
      token: {
        principal: '["https://issuer.example","u1","c1"]',
        scopes: new Set(['read', 'write', 'admin']),
        claims: new Map([['azp', 'web-shop']]),
      },
    });
  });

  it.each<readonly [scopeClaim: readonly string[], more: object, scopes: readonly string[]]>([
    [['permissions'], { permissions: ['a b', 'c'], scope: 'd' }, ['a b', 'c']],
    [['scope', 'scp'], {}, []],
    [['scope', 'scp'], { scope: 7, scp: { a: 1 } }, []],
    [['__proto__'], { scope: 'd' }, []],
  ])('scopes of %j in %j', async (scopeClaims, more, scopes) => {
    const { issuer, verifier, claims } = bench;
    const verdict = await verifier({ scopeClaims }).verify(await issuer.token(claims(more)));
    expect(verdict.is === 'verified' && [...verdict.token.scopes]).toEqual(scopes);
  });

  it('without a subject stands for nobody', async () => {
    const { issuer, verifier, claims } = bench;
    const verdict = await verifier().verify(await issuer.token(claims({ sub: undefined })));
    expect(verdict.is === 'verified' && verdict.token.principal).toBeUndefined();
  });

  it.each<readonly [more: (now: number) => object, said: string]>([
    [(now) => ({ exp: now - 30 }), 'the token has expired'],
    [(now) => ({ exp: now - 29 }), 'verified'],
    [() => ({ exp: undefined }), 'verified'],
    [() => ({ exp: 'never' }), 'the token does not say properly when it expires'],
    [(now) => ({ nbf: now + 31 }), 'the token is not valid yet'],
    [(now) => ({ nbf: now + 30 }), 'verified'],
    [() => ({ aud: ['other', 'billing'] }), 'verified'],
    [() => ({ aud: ['other'] }), 'the token is for another audience'],
    [() => ({ aud: undefined }), 'the token is for another audience'],
    [() => ({ aud: '' }), 'the token is for another audience'],
    [() => ({ iss: 'https://issuer.example/' }), 'the token is of another issuer'],
    [() => ({ iss: undefined }), 'the token is of another issuer'],
  ])('RFC 7519 §4.1: with %s: %s', async (more, said) => {
    const { issuer, now, claims, judged } = bench;
    expect(await judged(await issuer.token(claims(more(now()))))).toBe(said);
  });

  it('issuer and audience are looked at where they are configured', async () => {
    const { issuer, claims, judged } = bench;
    const token = await issuer.token(claims({ iss: 'https://else.example', aud: 'else' }));
    expect(await judged(token, { issuer: undefined, audience: undefined })).toBe('verified');
    expect(await judged(token, { issuer: ['https://a.example', 'https://else.example'], audience: ['x', 'else'] })).toBe('verified');
  });
});

describe('what nobody may take for a good token', () => {
  it('RFC 8725 §2.1: one that is not signed', async () => {
    const { keys, claims, judged } = bench;
    for (const alg of ['none', 'None', 'NONE', '', undefined]) expect(await judged(unsigned({ alg }, claims(), ''))).toBe(OTHER_ALGORITHM);
    expect(keys.asked).toBe(0);
  });

  it('RFC 8725 §2.1: one whose shared secret is the public key', async () => {
    const { keys, claims, judged } = bench;
    await keys.add('rsa', 'RS256');
    keys.now = ['rsa'];
    const pem = keys.made.get('rsa')?.key.export({ type: 'spki', format: 'pem' }) ?? '';
    const start = unsigned({ alg: 'HS256', kid: 'rsa' }, claims(), '').slice(0, -1);
    const token = `${start}.${createHmac('sha256', pem).update(start).digest('base64url')}`;
    expect(await judged(token)).toBe(OTHER_ALGORITHM);
  });

  it('one that names a key of another kind', async () => {
    const { keys, issuer, claims, judged } = bench;
    await keys.add('rsa', 'RS256');
    keys.now = ['a', 'rsa'];
    const [, body, signature] = (await issuer.token(claims())).split('.');
    const head = base64url.encode(JSON.stringify({ alg: 'RS256', kid: 'a' }));
    expect([await judged(`${head}.${body}.${signature}`), keys.asked]).toEqual([OTHER_SIGNATURE, 0]);
  });

  it('one with a key of its own (RFC 7515 §4.1.3)', async () => {
    const { issuer, claims, judged } = bench;
    const own = await issuer.key('mine');
    const token = await issuer.token(claims(), 'mine', { kid: 'a', jwk: own.jwk as never });
    expect(await judged(token)).toBe(OTHER_SIGNATURE);
  });

  it('an algorithm that is not configured', async () => {
    const { issuer, claims, judged } = bench;
    const token = await issuer.token(claims());
    expect([await judged(token, { algorithms: ['RS256'] }), await judged(token, { algorithms: ['ES256'] })]).toEqual([
      OTHER_ALGORITHM,
      'verified',
    ]);
  });

  it('RFC 7515 §4.1.11: one with a critical header that is not understood', async () => {
    const { issuer, claims, judged } = bench;
    const { privateKey } = await issuer.key('a');
    const token = await new SignJWT({ ...claims() })
      .setProtectedHeader({ alg: 'ES256', kid: 'a', crit: ['exp'], exp: 1 })
      .sign(privateKey, { crit: { exp: true } });
    expect(await judged(token)).toBe('the token has a critical header that is not understood');
  });

  it.each([
    'opaque',
    '',
    '.',
    '..',
    'a.b.c',
    '0123456789abcdef0123456789abcdef',
    unsigned({ alg: 'ES256', kid: 7 }, {}),
    unsigned('[]', {}),
    unsigned('null', {}),
    unsigned('{"alg":', {}),
    `${'['.repeat(20_000)}.a.b`,
    `${base64url.encode('['.repeat(20_000))}.a.b`,
    unsigned({ alg: 'ES256', enc: 'A256GCM' }, {}),
    'x'.repeat(64 * 1024),
  ])('%.40s', async (token) => {
    const { keys, judged } = bench;
    expect([await judged(token), keys.asked]).toEqual([NOT_SIGNED, 0]);
  });

  it('claims that are no object', async () => {
    const { issuer, judged } = bench;
    const { privateKey } = await issuer.key('a');
    const sign = (text: string, header = {}) =>
      new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: 'ES256', kid: 'a', ...header }).sign(privateKey);
    expect([await judged(await sign('[]')), await judged(await sign('no JSON'))]).toEqual([NOT_SIGNED, NOT_SIGNED]);
    expect(await judged(await sign('eyJ.a.b', { cty: 'JWT' }))).toBe('unknown: encrypted');
  });
});
