import { CompactEncrypt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeKeys, say, tokenBench } from '../../../../test/kit/token-bench.ts';

const OTHER_SIGNATURE = 'the signature of the token is not that of its issuer';

let bench: Awaited<ReturnType<typeof tokenBench>>;
beforeEach(async () => {
  bench = await tokenBench();
});

describe('what is not known', () => {
  it('an encrypted token: only its addressee can read it', async () => {
    const { judged } = bench;
    const jwe = await new CompactEncrypt(new TextEncoder().encode('{}'))
      .setProtectedHeader({ alg: 'dir', enc: 'A128GCM' })
      .encrypt(new Uint8Array(16));
    expect(await judged(jwe)).toBe('unknown: encrypted');
  });

  it('any token while there are no keys', async () => {
    const { keys, issuer, claims, judged } = bench;
    keys.away = true;
    expect(await judged(await issuer.token(claims({ exp: 1 })))).toBe('unknown: keys');
  });

  it('a token beyond what is taken apart', async () => {
    const { judged } = bench;
    expect(await judged('x'.repeat(64 * 1024 + 1))).toBe('unknown: overload');
  });

  it('one more than are verified at a time', async () => {
    const { issuer, verifier, claims } = bench;
    const check = verifier();
    const tokens = await Promise.all(Array.from({ length: 300 }, (_, i) => issuer.token(claims({ jti: String(i) }))));
    const verdicts = await Promise.all(tokens.map(async (token) => check.verify(token)));
    const overload = verdicts.filter((verdict) => verdict.is === 'unknown' && verdict.why === 'overload').length;
    expect([overload, verdicts.filter(({ is }) => is === 'verified').length]).toEqual([44, 256]);
    expect(say(await check.verify(tokens[299] as string))).toBe('verified');
  });

  it('never for a token that is being verified already: all who bring it have one verdict', async () => {
    const { issuer, verifier, claims } = bench;
    const check = verifier();
    for (const token of [await issuer.token(claims()), await issuer.token(claims({ exp: 1 }))]) {
      const verdicts = Array.from({ length: 300 }, () => check.verify(token));
      expect(new Set(verdicts).size).toBe(1);
      expect(say(await (verdicts[0] as (typeof verdicts)[number]))).not.toBe('unknown');
    }
  });

  it('what a fault of ours keeps from being judged', async () => {
    const { keys, issuer, claims, judged } = bench;
    keys.current = () => {
      throw new Error('a bug');
    };
    expect(await judged(await issuer.token(claims()))).toBe('unknown: overload');
  });
});

describe('keys that change', () => {
  it('newer ones are asked for where none is the one that the token names', async () => {
    const { keys, issuer, claims, judged } = bench;
    await keys.add('b');
    keys.later = ['a', 'b'];
    expect([await judged(await issuer.token(claims(), 'b')), keys.asked]).toEqual(['verified', 1]);
  });

  it('a token without a name is held against all of them, and against newer ones', async () => {
    const { keys, issuer, claims, judged } = bench;
    for (const kid of ['b', 'c']) await keys.add(kid);
    keys.now = ['a', 'b'];
    keys.later = ['a', 'b', 'c'];
    expect([await judged(await issuer.token(claims(), 'b', { kid: undefined })), keys.asked]).toEqual(['verified', 0]);
    expect([await judged(await issuer.token(claims(), 'c', { kid: undefined })), keys.asked]).toEqual(['verified', 1]);
  });

  it.each<readonly [then: FakeKeys['later'], said: string]>([
    ['same', OTHER_SIGNATURE],
    [['a'], OTHER_SIGNATURE],
    ['unavailable', 'unknown: keys'],
  ])('a name that nobody knows, and newer keys are %j: %s', async (then, said) => {
    const { keys, issuer, claims, judged } = bench;
    keys.later = then;
    expect(await judged(await issuer.token(claims(), 'gone'))).toBe(said);
  });

  it('keys that are old may have been replaced under their name', async () => {
    const { keys, issuer, claims, judged } = bench;
    const token = await issuer.token(claims(), 'other', { kid: 'a' });
    expect([await judged(token), keys.asked]).toEqual([OTHER_SIGNATURE, 0]);
    keys.stale = true;
    keys.later = 'unavailable';
    expect([await judged(token), keys.asked]).toEqual(['unknown: keys', 1]);
  });
});

describe('what is known', () => {
  it('of a good token is there at once, until it expires and for five minutes at most', async () => {
    const { clock, keys, issuer, verifier, now, claims } = bench;
    const check = verifier();
    const [short, long] = [await issuer.token(claims({ exp: now() + 60 })), await issuer.token(claims({ exp: now() + 3600 }))];
    for (const token of [short, long]) expect(check.verify(token)).toBeInstanceOf(Promise);
    await Promise.all([check.verify(short), check.verify(long)]);
    for (const token of [short, long]) expect(check.verify(token)).toMatchObject({ is: 'verified' });
    clock.advance(90_000);
    expect([say(await check.verify(short)), check.verify(long)]).toEqual([
      'the token has expired',
      expect.objectContaining({ is: 'verified' }),
    ]);
    keys.away = true;
    clock.advance(209_999);
    expect(check.verify(long)).toMatchObject({ is: 'verified' });
    clock.advance(1);
    expect(say(await check.verify(long))).toBe('unknown: keys');
  });

  it('of one token says nothing of another', async () => {
    const { issuer, verifier, claims } = bench;
    const check = verifier();
    const token = await issuer.token(claims());
    await check.verify(token);
    expect(say(await check.verify(`${token}A`))).not.toBe('verified');
  });
});
