import { describe, expect, it } from 'vitest';
import { type FakeDeps, answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { forwardHeaders } from '../../core/edits.ts';
import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, headerValue, headerValues } from '../../core/headers.ts';
import { Issues } from '../../core/schema.ts';
import type { Answer, Maybe, Stage } from '../../core/stage.ts';
import { rateLimitSchema } from './config.ts';
import { rateLimit } from './stage.ts';

/** Limits as they are written in a file. */
function compiled(limits: readonly object[], deps = fakeDeps()) {
  const issues = new Issues();
  const config = rateLimitSchema.parse(limits, [], issues);
  expect(issues.list).toEqual([]);
  const stage = rateLimit.compile(config, routeSpec(), deps) as Stage;
  const open = (name = 'shop'): Exchange => {
    const x = exchange({ startedAt: deps.clock.monotonicMs() });
    x.consumer = { name, version: '' };
    return x;
  };
  const ask = (x: Exchange): Maybe<Answer | undefined> => stage.onRequest?.(x, undefined);
  /** One request at once: what the caller gets of it, as far as this stage has a say. */
  const send = (name?: string): Sent => {
    const x = open(name);
    return seen(x, ask(x) as Answer | undefined);
  };
  const sendLate = async (name?: string): Promise<Sent> => {
    const x = open(name);
    const asked = ask(x);
    expect(asked).toBeInstanceOf(Promise);
    return seen(x, await asked);
  };
  return { ...deps, deps, stage, send, sendLate, open, ask };
}

interface Sent {
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string;
  readonly headers: RawHeaders;
  readonly of: (name: string) => string | undefined;
}

function seen(x: Exchange, refused: Answer | undefined): Sent {
  const headers = forwardHeaders(refused?.rejection?.headers ?? [], x.responseEdits);
  return {
    status: refused?.status ?? 200,
    code: refused?.rejection?.code,
    detail: refused?.rejection?.detail ?? '',
    headers,
    of: (name) => headerValue(headers, name),
  };
}

const slow = { name: 'per-consumer', rate: 5, per: '60s', burst: 5 };
const times = <T>(n: number, fn: () => T): T[] => Array.from({ length: n }, fn);
const decisions = (deps: FakeDeps): Record<string, number> => deps.meter.series('rate_limit_decisions_total');
const counted = (policy: string, decision: string, consumer = 'shop'): string =>
  `api=billing,policy=${policy},consumer=${consumer},decision=${decision}`;

describe('rate limits', () => {
  it('RL-1: the burst passes, then one for each interval', () => {
    const { send, clock } = compiled([slow]);
    expect(times(7, () => send().status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    clock.advance(11_999);
    expect(send().status).toBe(429);
    clock.advance(1);
    expect([send().status, send().status]).toEqual([200, 429]);
  });

  it('RL-1: each consumer has its own', () => {
    const { send } = compiled([{ ...slow, burst: 1 }]);
    expect([send('a').status, send('a').status, send('b').status]).toEqual([200, 429, 200]);
  });

  it('RL-1: all limits are asked before any is charged', () => {
    const { send } = compiled([
      { name: 'wide', rate: 3, per: '60s' },
      { name: 'tight', rate: 1, per: '1s' },
    ]);
    const all = times(4, () => send().of('ratelimit'));
    // The refused ones have not been charged at the wide one either.
    expect(all.map((value) => value?.split(', ')[0])).toEqual(['"wide";r=2;t=20', ...times(3, () => '"wide";r=2;t=20')]);
  });

  it('RL-1: a refusal is a problem that names the limit, with a Retry-After', () => {
    const { send } = compiled([{ name: 'wide', rate: 100 }, slow]);
    times(5, () => send());
    const { code, detail, of } = send();
    expect([code, of('retry-after')]).toEqual(['RATE_LIMITED', '12']);
    expect(detail).toBe('the limit "per-consumer" is used up; the next request passes in 12 s');
  });

  it('RL-1: waits for nothing where the store is in memory', () => {
    const { open, ask } = compiled([slow]);
    expect(ask(open())).toBeUndefined();
  });

  it('RL-1: a reload that changes the numbers takes effect, and what was used stays used', () => {
    const before = compiled([{ ...slow, rate: 50, burst: 50 }]);
    times(40, () => before.send());
    const after = compiled([{ ...slow, rate: 10, per: '10s', burst: 10 }], before.deps);
    expect(after.send().status).toBe(429);
    after.clock.advance(1000);
    expect([after.send().status, after.send().status]).toEqual([200, 429]);
  });
});

describe('what the caller is told', () => {
  it('RL-2: q, w, r and t after each request, whole numbers, also on the refusal', () => {
    const { send } = compiled([slow]);
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
    const { send, clock } = compiled([{ name: 'fast', rate: 1000, burst: 1 }]);
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
      compiled([{ name: 'a', ...numbers }])
        .send()
        .of('ratelimit-policy'),
    ).toBe(`"a";${expected}`);
  });

  it('RL-2: one member for each limit; the t of the refusal is that of the limit that refuses', () => {
    const { send } = compiled([
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
    const { send } = compiled([
      { name: 'second', rate: 1 },
      { name: 'minute', rate: 1, per: '60s' },
    ]);
    send();
    expect(send().of('retry-after')).toBe('60');
  });

  it('RL-2: X-RateLimit-* where they are asked for, of the limit that lets least through', () => {
    const old = (sent: Sent) => ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'].map(sent.of);
    expect(old(compiled([slow]).send())).toEqual([undefined, undefined, undefined]);
    const { send } = compiled([
      { name: 'wide', rate: 100, legacyHeaders: true },
      { ...slow, legacyHeaders: true },
      { name: 'silent', rate: 1, per: '1s' },
    ]);
    expect(old(send())).toEqual(['5', '4', '12']);
    expect(old(send())).toEqual(['5', '4', '12']);
  });

  it('RL-2: the upstream’s own limits are told of too', () => {
    const { open, ask, stage } = compiled([slow]);
    const answered = (...headers: string[]): RawHeaders => {
      const x = open();
      ask(x);
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
    const { send, deps } = compiled([{ ...slow, burst: 2, shadow: true, legacyHeaders: true }]);
    const all = times(5, () => send());
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(all.flatMap(({ headers }) => headers)).toEqual([]);
    expect(decisions(deps)).toEqual({ [counted('per-consumer', 'allowed')]: 2, [counted('per-consumer', 'shadow')]: 3 });
  });

  it('RL-4: beside others it stops neither the request nor their counting', () => {
    const { send, deps } = compiled([
      { ...slow, name: 'trial', burst: 1, shadow: true },
      { ...slow, name: 'real', burst: 3 },
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
    const { send, deps } = compiled([
      { name: 'wide', rate: 100 },
      { ...slow, burst: 1 },
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

describe('a store that replicas share', () => {
  it('RL-3: is asked, and waited for', async () => {
    const { sendLate, deps } = compiled([{ ...slow, burst: 1 }]);
    deps.store.mode = 'async';
    expect([(await sendLate()).status, (await sendLate()).status]).toEqual([200, 429]);
    expect([deps.store.ran.length, deps.localStore.ran.length]).toEqual([2, 0]);
  });

  it('RL-3: where it does not answer this process’s share counts, and says so', async () => {
    const { sendLate, deps } = compiled([{ name: 'shared', rate: 10, per: '1s', burst: 7 }]);
    deps.store.mode = 'away';
    deps.store.replicaCount = 2;
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await sendLate()).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect(decisions(deps)).toEqual({ [counted('shared', 'degraded')]: 3, [counted('shared', 'rejected')]: 2 });
    // Half of 10 a second.
    deps.clock.advance(199);
    expect((await sendLate()).status).toBe(429);
    deps.clock.advance(1);
    expect((await sendLate()).status).toBe(200);
  });

  it('RL-3: what is told then is true of this process', async () => {
    const { sendLate, deps } = compiled([{ name: 'shared', rate: 10, per: '10s', burst: 10, legacyHeaders: true }]);
    deps.store.mode = 'away';
    deps.store.replicaCount = 2;
    const first = await sendLate();
    expect(['ratelimit-policy', 'ratelimit', 'x-ratelimit-limit', 'x-ratelimit-remaining'].map(first.of)).toEqual([
      '"shared";q=10;w=10',
      '"shared";r=4;t=2',
      '10',
      '4',
    ]);
    for (let i = 0; i < 4; i++) await sendLate();
    const refused = await sendLate();
    expect([refused.of('ratelimit'), refused.of('retry-after')]).toEqual(['"shared";r=0;t=2', '2']);
  });

  it('RL-3: at least one request is each process’s share', async () => {
    const { sendLate, deps } = compiled([{ name: 'shared', rate: 2, burst: 2 }]);
    deps.store.mode = 'away';
    deps.store.replicaCount = 5;
    expect([(await sendLate()).status, (await sendLate()).status]).toEqual([200, 429]);
    deps.store.replicaCount = 1;
    deps.clock.advance(1000);
    expect([(await sendLate()).status, (await sendLate()).status, (await sendLate()).status]).toEqual([200, 200, 429]);
  });

  it('RL-3: recovers by itself', async () => {
    const { sendLate, send, deps } = compiled([slow]);
    deps.store.mode = 'away';
    await sendLate();
    deps.store.back();
    times(3, () => send());
    expect(decisions(deps)).toEqual({ [counted('per-consumer', 'degraded')]: 1, [counted('per-consumer', 'allowed')]: 3 });
  });

  it('RL-3: onStoreError: refuse lets nothing through: 503 with Retry-After', async () => {
    const { sendLate, deps } = compiled([
      { name: 'wide', rate: 100 },
      { ...slow, onStoreError: 'refuse' },
    ]);
    deps.store.mode = 'away';
    const { code, of, headers } = await sendLate();
    expect([code, of('retry-after'), headers.length]).toEqual(['OVERLOADED', '1', 2]);
    expect(deps.localStore.ran).toEqual([]);
    expect(decisions(deps)).toEqual({ [counted('wide', 'degraded')]: 1, [counted('per-consumer', 'degraded')]: 1 });
    deps.store.back('async');
    expect((await sendLate()).status).toBe(200);
  });

  it('RL-3: a shadow never refuses, whatever its onStoreError says', async () => {
    const { sendLate, deps } = compiled([{ ...slow, shadow: true, onStoreError: 'refuse' }]);
    deps.store.mode = 'away';
    expect((await sendLate()).status).toBe(200);
  });

  it('RL-3: where nothing can be counted at all, everything passes', async () => {
    const { sendLate, deps } = compiled([{ ...slow, burst: 1 }]);
    deps.store.mode = deps.localStore.mode = 'away';
    expect([(await sendLate()).status, (await sendLate()).of('ratelimit')]).toEqual([200, '"per-consumer";r=1;t=0']);
  });
});
