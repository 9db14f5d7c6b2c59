import { describe, expect, it } from 'vitest';
import { settle } from '../../../test/kit/clock.ts';
import { type FakeDeps, answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { forwardHeaders } from '../../core/edits.ts';
import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, headerValue } from '../../core/headers.ts';
import { rejection } from '../../core/rejection.ts';
import { Issues } from '../../core/schema.ts';
import type { Answer, Stage } from '../../core/stage.ts';
import { rateLimitSchema } from './config.ts';
import { rateLimit } from './stage.ts';

/** One in 100 ms, at once. */
const QUOTA = { name: 'partner', rate: 10, burst: 1, mode: 'queue' };

function compiled(limits: readonly object[], deps: FakeDeps = fakeDeps()) {
  const stage = rateLimit.compile(rateLimitSchema.parse(limits, [], new Issues()), routeSpec({ direction: 'egress' }), deps) as Stage;
  const startMs = deps.clock.monotonicMs();
  /** `200 at 0`: when each was let through, or what it was refused with, in the order in which that happened. */
  const log: string[] = [];
  const send = (name: string, { deadlineMs, consumer = 'app' }: { deadlineMs?: number; consumer?: string } = {}) => {
    const x = exchange({ startedAt: deps.clock.monotonicMs() });
    x.consumer = { name: consumer, version: '' };
    if (deadlineMs !== undefined) x.deadlineAt = deps.clock.monotonicMs() + deadlineMs;
    const state = stage.open?.(x);
    const done = (refused: Answer | undefined): void => {
      const what = x.cancelled === undefined ? (refused?.status ?? 'passes') : 'cancelled';
      const after = headerValue(refused?.rejection?.headers ?? [], 'retry-after');
      log.push(`${name} ${what}${after === undefined ? '' : ` after ${after}`} at ${deps.clock.monotonicMs() - startMs}`);
    };
    const asked = stage.onRequest?.(x, state);
    if (asked instanceof Promise) void asked.then(done);
    else done(asked);
    return {
      x,
      answered: (status: number, headers: RawHeaders = []) => stage.onResponse?.(x, answerOf(status, { headers }), state) as Answer,
    };
  };
  return { ...deps, deps, stage, send, log };
}

const gone = (x: Exchange): void => x.cancel(rejection('CLIENT_CLOSED', 'the client left'));
const quota = (deps: FakeDeps) => [
  deps.meter.value('quota_remaining', { policy: 'partner' }),
  deps.meter.value('quota_limit', { policy: 'partner' }),
];
const decisions = (deps: FakeDeps, policy = 'partner'): Record<string, number> =>
  Object.fromEntries(
    ['allowed', 'rejected', 'degraded']
      .map((decision): [string, number] => [decision, deps.meter.value('rate_limit_decisions_total', { policy, decision })])
      .filter(([, n]) => n > 0),
  );

describe('a limit that makes requests wait', () => {
  it('RL-5: who is over it waits for its turn, in order', async () => {
    const { send, log, clock, deps } = compiled([QUOTA]);
    const sent = ['a', 'b', 'c'].map((name) => send(name));
    expect(log).toEqual(['a passes at 0']);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b passes at 100', 'c passes at 200']);
    expect(sent.map(({ x }) => x.flags)).toEqual([[], ['queued'], ['queued']]);
    expect([clock.pending, decisions(deps)]).toEqual([0, { allowed: 3 }]);
  });

  it('RL-5: nobody overtakes those who wait', async () => {
    const { send, log, clock } = compiled([QUOTA]);
    for (const name of ['a', 'b', 'c']) send(name);
    clock.advance(100); // b has its turn
    send('d');
    await clock.advanceAsync(1000);
    expect(log.map((entry) => entry.split(' ')[0])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('RL-5: each key has a line of its own', async () => {
    const { send, log, clock } = compiled([QUOTA]);
    send('a', { consumer: 'x' });
    send('b', { consumer: 'x' });
    send('c', { consumer: 'y' });
    expect(log).toEqual(['a passes at 0', 'c passes at 0']);
    await clock.advanceAsync(100);
    expect(log.at(-1)).toBe('b passes at 100');
  });

  it('RL-5: beyond the queue’s size it is refused at once, and told when its turn would come', async () => {
    const { send, log, clock, deps } = compiled([{ ...QUOTA, rate: 1, queue: 2 }]);
    for (const name of ['a', 'b', 'c', 'd']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'd 429 after 3 at 0']);
    await clock.advanceAsync(2000);
    expect([log.slice(2), decisions(deps)]).toEqual([['b passes at 1000', 'c passes at 2000'], { allowed: 3, rejected: 1 }]);
  });

  it('RL-5: whose turn comes later than its deadline is refused at once', async () => {
    const { send, log, clock } = compiled([QUOTA]);
    send('a');
    send('b', { deadlineMs: 105 }); // 5 ms are no time to ask anybody in (DL-3)
    send('c', { deadlineMs: 106 });
    send('d', { deadlineMs: 206 });
    send('e', { deadlineMs: 206 });
    await settle();
    expect(log).toEqual(['a passes at 0', 'b 429 after 1 at 0', 'e 429 after 1 at 0']);
    await clock.advanceAsync(1000);
    expect(log.slice(3)).toEqual(['c passes at 100', 'd passes at 200']);
  });

  it('RL-5: without a deadline nobody waits for more than 30 s', async () => {
    const { send, log, clock } = compiled([{ ...QUOTA, rate: 4, per: '60s' }]);
    for (const name of ['a', 'b', 'c', 'd']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'd 429 after 45 at 0']);
    await clock.advanceAsync(30_000);
    expect(log.slice(2)).toEqual(['b passes at 15000', 'c passes at 30000']);
  });

  it('RL-5: a caller that leaves leaves the queue too, and takes no turn from others', async () => {
    const { send, log, clock, deps } = compiled([QUOTA]);
    const [, b] = ['a', 'b', 'c'].map((name) => send(name));
    clock.advance(50);
    gone((b as { x: Exchange }).x);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b cancelled at 50', 'c passes at 100']);
    expect([clock.pending, decisions(deps)]).toEqual([0, { allowed: 2 }]);
  });

  it('RL-5: no RateLimit fields are sent: those of the partner go through as they are', () => {
    const { send } = compiled([QUOTA]);
    const { x, answered } = send('a');
    const headers = ['RateLimit', '"theirs";r=1;t=2'];
    expect(forwardHeaders(answered(200, headers).headers, x.responseEdits)).toEqual(headers);
  });

  it('RL-5: a reload lets those go on who wait', async () => {
    const before = compiled([QUOTA]);
    for (const name of ['a', 'b']) before.send(name);
    const after = compiled([{ ...QUOTA, rate: 20 }], before.deps);
    after.send('c');
    await before.clock.advanceAsync(150);
    expect([before.log, after.log]).toEqual([['a passes at 0', 'b passes at 100'], ['c passes at 150']]);
  });

  it('RL-5: keys at which somebody waits are bounded in number', async () => {
    const { send, log, clock } = compiled([{ ...QUOTA, rate: 1 }]);
    for (let i = 0; i < 1001; i++) {
      send(`${i}`, { consumer: `c${i}` });
      send(`${i}`, { consumer: `c${i}` });
    }
    await settle();
    expect(log.slice(1001)).toEqual(['1000 429 after 1 at 0']);
    await clock.advanceAsync(1000);
    // Lines in which nobody stands any more make room.
    for (let i = 0; i < 3; i++) send('new', { consumer: 'c1000' });
    await clock.advanceAsync(2000);
    expect(log.slice(-3)).toEqual(['new passes at 1000', 'new passes at 2000', 'new passes at 3000']);
  });
});

describe('with a store that replicas share', () => {
  it('RL-5: only the first asks, in order', async () => {
    const { send, log, clock, deps } = compiled([QUOTA]);
    deps.store.mode = 'async';
    for (const name of ['a', 'b', 'c', 'd']) send(name);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b passes at 100', 'c passes at 200', 'd passes at 300']);
    // Each when it came; then the first of the line once to be told when, and once when it is time.
    expect(deps.store.ran.length).toBeLessThanOrEqual(4 + 2 * 3);
  });

  it('RL-5: a turn that was charged for one who has left is given back', async () => {
    const { send, log, clock, deps } = compiled([QUOTA]);
    send('a');
    deps.store.mode = 'async';
    const b = send('b');
    await settle();
    clock.advance(100); // b asks
    gone(b.x);
    await settle();
    send('c');
    await settle();
    expect(log).toEqual(['a passes at 0', 'b cancelled at 100', 'c passes at 100']);
  });

  it('RL-3: away, the line goes on with this process’s share', async () => {
    const { send, log, clock, deps } = compiled([QUOTA]);
    deps.store.mode = 'away';
    deps.store.replicaCount = 2;
    for (const name of ['a', 'b', 'c']) send(name);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b passes at 200', 'c passes at 400']);
    expect(decisions(deps)).toEqual({ degraded: 3 });
  });

  it('RL-3: onStoreError: refuse turns those who wait away when the store goes', async () => {
    const { send, log, clock, deps } = compiled([{ ...QUOTA, onStoreError: 'refuse' }]);
    for (const name of ['a', 'b', 'c']) send(name);
    deps.store.mode = 'away';
    await clock.advanceAsync(100);
    expect(log).toEqual(['a passes at 0', 'b 503 after 1 at 100', 'c 503 after 1 at 100']);
    expect(clock.pending).toBe(0);
  });
});

describe('beside limits that refuse', () => {
  const both = [{ name: 'own', rate: 2, per: '60s' }, QUOTA];

  it('RL-5: who is over a limit that refuses does not wait, and fills no queue', async () => {
    const { send, log, clock, deps } = compiled(both);
    for (const name of ['a', 'b', 'c']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'c 429 after 30 at 0']);
    await clock.advanceAsync(1000);
    expect(log.at(-1)).toBe('b passes at 100');
    expect([decisions(deps, 'own'), decisions(deps)]).toEqual([{ allowed: 2, rejected: 1 }, { allowed: 2 }]);
  });

  it('RL-1: who finds the queue full is not charged at the others', async () => {
    const { send, log, deps } = compiled([both[0] as object, { ...QUOTA, queue: 1 }]);
    for (const name of ['a', 'b', 'c']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'c 429 after 1 at 0']);
    expect(decisions(deps, 'own')).toEqual({ allowed: 2 });
  });

  it('RL-1: the same where the queue has filled while the store was asked: it is given back', async () => {
    const { send, log, clock, deps } = compiled([
      { name: 'own', rate: 9, per: '9s' },
      { ...QUOTA, queue: 1 },
    ]);
    deps.store.mode = 'async';
    for (const name of ['a', 'b', 'c']) send(name);
    await clock.advanceAsync(0);
    expect(log).toEqual(['a passes at 0', 'c 429 after 1 at 0']);
    await clock.advanceAsync(100);
    expect(log.at(-1)).toBe('b passes at 100');
    const charged = [...deps.store.records].find(([key]) => key.includes('own'))?.[1].fields['level'];
    expect(charged).toBe(2);
  });

  it('RL-2: tells of those that refuse, also to who had to wait', async () => {
    const { send, clock } = compiled(both);
    const [, b] = [send('a'), send('b')];
    await clock.advanceAsync(100);
    expect(forwardHeaders([], b.x.responseEdits)).toEqual(['RateLimit-Policy', '"own";q=2;w=60', 'RateLimit', '"own";r=0;t=30']);
  });
});

describe('what is learnt from the partner', () => {
  it('RL-5: a 429 with Retry-After closes the key until then', async () => {
    const { send, log, clock } = compiled([{ ...QUOTA, burst: 5 }]);
    send('a').answered(429, ['Retry-After', '2']);
    send('b');
    send('c', { consumer: 'other' });
    expect(log).toEqual(['a passes at 0', 'c passes at 0']);
    await clock.advanceAsync(1999);
    expect(log).toHaveLength(2);
    await clock.advanceAsync(1);
    expect(log.at(-1)).toBe('b passes at 2000');
  });

  it('RL-5: also as a date, and for one with a shorter deadline the answer is 429 at once', async () => {
    const { send, log, clock } = compiled([{ ...QUOTA, burst: 5 }]);
    send('a').answered(429, ['Retry-After', new Date(clock.wallMs() + 3000).toUTCString()]);
    send('b', { deadlineMs: 2000 });
    await settle();
    expect(log).toEqual(['a passes at 0', 'b 429 after 3 at 0']);
  });

  it('RL-5: those who wait already are told too', async () => {
    const { send, log, clock } = compiled([QUOTA]);
    const a = send('a');
    send('b', { deadlineMs: 500 });
    send('c');
    clock.advance(50);
    a.answered(429, ['Retry-After', '2']);
    await settle();
    expect(log).toEqual(['a passes at 0', 'b 429 after 2 at 50']);
    await clock.advanceAsync(2000);
    expect(log.at(-1)).toBe('c passes at 2050');
  });

  it.each(['99999999', '9'.repeat(30), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'RL-5: a hostile Retry-After: %s closes it for ten minutes at most',
    async (value) => {
      const { send, log, clock } = compiled([QUOTA]);
      send('a').answered(429, ['Retry-After', value]);
      clock.advance(570_000);
      send('b');
      await clock.advanceAsync(30_000);
      expect(log).toEqual(['a passes at 0', 'b passes at 600000']);
    },
  );

  it.each<[string, RawHeaders]>([
    ['a list', ['RateLimit', '"default";r=0;t=5']],
    ['the earlier draft', ['RateLimit', 'limit=100, remaining=0, reset=5']],
    ['X-RateLimit-*', ['X-RateLimit-Remaining', '0', 'X-RateLimit-Reset', '5']],
  ])('RL-5: nothing left, told as %s, closes the key until there is more', async (_, headers) => {
    const { send, log, clock } = compiled([{ ...QUOTA, burst: 5 }]);
    send('a').answered(200, headers);
    send('b');
    await clock.advanceAsync(5000);
    expect(log).toEqual(['a passes at 0', 'b passes at 5000']);
  });

  it.each<[string, number, RawHeaders]>([
    ['a malformed Retry-After', 429, ['Retry-After', 'soon']],
    ['a Retry-After of another status', 503, ['Retry-After', '5']],
    ['malformed fields', 200, ['RateLimit', '"default;r=0;t=5', 'X-RateLimit-Remaining', '-1']],
    ['something left', 200, ['RateLimit', '"default";r=1;t=5']],
  ])('RL-5: %s closes nothing', (_, status, headers) => {
    const { send, log } = compiled([{ ...QUOTA, burst: 5 }]);
    send('a').answered(status, headers);
    send('b');
    expect(log).toEqual(['a passes at 0', 'b passes at 0']);
  });

  it('RL-5: only the upstream itself is believed', () => {
    const { stage, log, send } = compiled([{ ...QUOTA, burst: 5 }]);
    const x = exchange();
    const state = stage.open?.(x);
    stage.onRequest?.(x, state);
    for (const origin of ['replay', 'fallback', 'gateway'] as const)
      stage.onResponse?.(x, answerOf(429, { origin, headers: ['Retry-After', '5'] }), state);
    send('b');
    expect(log).toEqual(['b passes at 0']);
  });

  it('RL-5: what is left is shown: our own count, then what the partner says', () => {
    const { send, deps } = compiled([{ ...QUOTA, burst: 5 }]);
    expect(quota(deps)).toEqual([5, 5]);
    const a = send('a');
    expect(quota(deps)).toEqual([4, 5]);
    a.answered(200, ['X-RateLimit-Limit', '5000', 'X-RateLimit-Remaining', '4321', 'X-RateLimit-Reset', '60']);
    expect(quota(deps)).toEqual([4321, 5000]);
    send('b').answered(200, ['X-RateLimit-Limit', 'many']);
    expect(quota(deps)).toEqual([4321, 5000]);
    compiled([{ ...QUOTA, burst: 7 }], deps);
    expect(quota(deps)).toEqual([4321, 5000]);
  });

  it('RL-5: who never says from how many it counts is taken at the most it has said', () => {
    const { send, deps } = compiled([{ ...QUOTA, burst: 5 }]);
    for (const remaining of ['90', '89', '100', '99']) send('a').answered(200, ['X-RateLimit-Remaining', remaining]);
    expect(quota(deps)).toEqual([99, 100]);
  });

  it('RL-5: limits that refuse learn nothing', () => {
    const deps = fakeDeps();
    const { send, log } = compiled([{ name: 'own', rate: 10 }], deps);
    send('a').answered(429, ['Retry-After', '5']);
    send('b');
    expect(log).toEqual(['a passes at 0', 'b passes at 0']);
    expect(() => quota(deps)).toThrow('no metric');
  });
});
