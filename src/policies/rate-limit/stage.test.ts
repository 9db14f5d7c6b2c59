import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../test/kit/exchange.ts';
import { SLOW, type Sent, counted, decisions, limited } from '../../../test/kit/rate-limit.ts';
import { forwardHeaders } from '../../core/edits.ts';
import { type RawHeaders, headerValues } from '../../core/headers.ts';
import type { Answer } from '../../core/stage.ts';

const times = <T>(n: number, fn: () => T): T[] => Array.from({ length: n }, fn);

describe('rate limits', () => {
  it('RL-1: the burst passes, then one for each interval', () => {
    const { send, clock } = limited([SLOW]);
    expect(times(7, () => send().status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    clock.advance(11_999);
    expect(send().status).toBe(429);
    clock.advance(1);
    expect([send().status, send().status]).toEqual([200, 429]);
  });

  it('RL-1: each consumer has its own', () => {
    const { send } = limited([{ ...SLOW, burst: 1 }]);
    expect([send('a').status, send('a').status, send('b').status]).toEqual([200, 429, 200]);
  });

  it('RL-1: all limits are asked before any is charged', () => {
    const { send } = limited([
      { name: 'wide', rate: 3, per: '60s' },
      { name: 'tight', rate: 1, per: '1s' },
    ]);
    const all = times(4, () => send().of('ratelimit'));
    // The refused ones have not been charged at the wide one either.
    expect(all.map((value) => value?.split(', ')[0])).toEqual(['"wide";r=2;t=20', ...times(3, () => '"wide";r=2;t=20')]);
  });

  it('RL-1: a refusal is a problem that names the limit, with a Retry-After', () => {
    const { send } = limited([{ name: 'wide', rate: 100 }, SLOW]);
    times(5, () => send());
    const { code, detail, of } = send();
    expect([code, of('retry-after')]).toEqual(['RATE_LIMITED', '12']);
    expect(detail).toBe('the limit "per-consumer" is used up; the next request passes in 12 s');
  });

  it('RL-1: waits for nothing where the store is in memory', () => {
    const { open, ask } = limited([SLOW]);
    expect(ask(open())).toBeUndefined();
  });

  it('RL-1: a reload that changes the numbers takes effect, and what was used stays used', () => {
    const before = limited([{ ...SLOW, rate: 50, burst: 50 }]);
    times(40, () => before.send());
    const after = limited([{ ...SLOW, rate: 10, per: '10s', burst: 10 }], before.deps);
    expect(after.send().status).toBe(429);
    after.clock.advance(1000);
    expect([after.send().status, after.send().status]).toEqual([200, 429]);
  });
});

describe('what the caller is told', () => {
  it('RL-2: q, w, r and t after each request, whole numbers, also on the refusal', () => {
    const { send } = limited([SLOW]);
    const all = times(6, () => send());
    expect(new Set(all.map(({ of }) => of('ratelimit-policy')))).toEqual(new Set(['"per-consumer";q=5;w=60']));
    expect(all.map(({ of }) => of('ratelimit'))).toEqual([
      '"per-consumer";r=4;t=12',
      '"per-consumer";r=3;t=24',
      '"per-consumer";r=2;t=36',
      '"per-consumer";r=1;t=48',
      '"per-consumer";r=0;t=12',
      '"per-consumer";r=0;t=12',
    ]);
    expect(all.map(({ of }) => of('retry-after'))).toEqual([undefined, undefined, undefined, undefined, undefined, '12']);
  });

  it('RL-2: t and Retry-After are rounded up, and at least 1 where nothing passes', () => {
    const { send, clock } = limited([{ name: 'fast', rate: 1000, burst: 1 }]);
    expect(send().of('ratelimit')).toBe('"fast";r=0;t=1');
    const refused = send();
    expect([refused.of('ratelimit'), refused.of('retry-after')]).toEqual(['"fast";r=0;t=1', '1']);
    clock.advance(0.5);
    expect(send().of('retry-after')).toBe('1');
  });

  it.each([
    [{ rate: 100, per: '1s', burst: 200 }, 'q=200;w=2'],
    [{ rate: 3, per: '1s' }, 'q=3;w=1'],
    [{ rate: 3, per: '1s', burst: 4 }, 'q=4;w=2'],
    [{ rate: 1000, per: '1h', burst: 10 }, 'q=10;w=36'],
    [{ rate: 1, per: '24h', burst: 1_000_000 }, 'q=1000000;w=86400000000'],
  ])('RL-2: w is the time in which the burst passes at the rate: %j', (numbers, expected) => {
    expect(
      limited([{ name: 'a', ...numbers }])
        .send()
        .of('ratelimit-policy'),
    ).toBe(`"a";${expected}`);
  });

  it('RL-2: one member for each limit; the t of the refusal is that of the limit that refuses', () => {
    const { send } = limited([
      { name: 'second', rate: 2 },
      { name: 'minute', rate: 3, per: '60s' },
    ]);
    times(2, () => send());
    const { of } = send();
    expect(of('ratelimit-policy')).toBe('"second";q=2;w=1, "minute";q=3;w=60');
    expect(of('ratelimit')).toBe('"second";r=0;t=1, "minute";r=1;t=40');
    expect(of('retry-after')).toBe('1');
  });

  it('RL-2: of several limits that refuse, Retry-After is the longest wait', () => {
    const { send } = limited([
      { name: 'second', rate: 1 },
      { name: 'minute', rate: 1, per: '60s' },
    ]);
    send();
    expect(send().of('retry-after')).toBe('60');
  });

  it('RL-2: X-RateLimit-* where they are asked for, of the limit that lets least through', () => {
    const old = (sent: Sent) => ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'].map(sent.of);
    expect(old(limited([SLOW]).send())).toEqual([undefined, undefined, undefined]);
    const { send } = limited([
      { name: 'wide', rate: 100, legacyHeaders: true },
      { ...SLOW, legacyHeaders: true },
      { name: 'silent', rate: 1, per: '1s' },
    ]);
    expect(old(send())).toEqual(['5', '4', '12']);
    expect(old(send())).toEqual(['5', '4', '12']);
  });

  it('RL-2: the upstream’s own limits are told of too', () => {
    const { open, ask, stage } = limited([SLOW]);
    const answered = (...headers: string[]): RawHeaders => {
      const x = open();
      void ask(x);
      const answer = stage.onResponse?.(x, answerOf(200, { headers }), undefined) as Answer;
      return forwardHeaders(answer.headers, x.responseEdits);
    };
    const both = answered(
      'RateLimit',
      '"theirs";r=1;t=2, "per-consumer";r=9;t=9',
      'RateLimit-Policy',
      '"theirs";q=7;w=8',
      'ratelimit',
      '"third";r=0;t=1',
    );
    expect(headerValues(both, 'ratelimit')).toEqual(['"per-consumer";r=4;t=12, "theirs";r=1;t=2, "third";r=0;t=1']);
    expect(headerValues(both, 'ratelimit-policy')).toEqual(['"per-consumer";q=5;w=60, "theirs";q=7;w=8']);
    // What is no list would make ours unreadable.
    expect(headerValues(answered('RateLimit', 'limit=1, remaining=2, reset=3'), 'ratelimit')).toEqual(['"per-consumer";r=3;t=24']);
  });
});

describe('a shadow', () => {
  it('RL-4: counts what it would have refused, refuses nothing, and tells nobody', () => {
    const { send, deps } = limited([{ ...SLOW, burst: 2, shadow: true, legacyHeaders: true }]);
    const all = times(5, () => send());
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(all.flatMap(({ headers }) => headers)).toEqual([]);
    expect(decisions(deps)).toEqual({ [counted('per-consumer', 'allowed')]: 2, [counted('per-consumer', 'shadow')]: 3 });
  });

  it('RL-4: beside others it stops neither the request nor their counting', () => {
    const { send, deps } = limited([
      { ...SLOW, name: 'trial', burst: 1, shadow: true },
      { ...SLOW, name: 'real', burst: 3 },
    ]);
    expect(times(4, () => send().status)).toEqual([200, 200, 200, 429]);
    expect(send().of('ratelimit')).toBe('"real";r=0;t=12');
    expect(decisions(deps)).toEqual({
      [counted('trial', 'allowed')]: 1,
      [counted('trial', 'shadow')]: 4,
      [counted('real', 'allowed')]: 3,
      [counted('real', 'rejected')]: 2,
    });
  });
});

describe('what is counted', () => {
  it('RL-1: decisions by limit and consumer; a request that one limit stops counts at no other', () => {
    const { send, deps } = limited([
      { name: 'wide', rate: 100 },
      { ...SLOW, burst: 1 },
    ]);
    times(3, () => send('a'));
    send('b');
    expect(decisions(deps)).toEqual({
      [counted('wide', 'allowed', 'a')]: 1,
      [counted('per-consumer', 'allowed', 'a')]: 1,
      [counted('per-consumer', 'rejected', 'a')]: 2,
      [counted('wide', 'allowed', 'b')]: 1,
      [counted('per-consumer', 'allowed', 'b')]: 1,
    });
  });
});
