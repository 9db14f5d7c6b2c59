import { describe, expect, it } from 'vitest';
import { settle } from '../../../test/kit/clock.ts';
import type { FakeDeps } from '../../../test/kit/exchange.ts';
import { QUOTA, queueing } from '../../../test/kit/rate-limit-queue.ts';
import { forwardHeaders } from '../../core/edits.ts';
import type { Exchange } from '../../core/exchange.ts';
import { rejection } from '../../core/rejection.ts';

const gone = (x: Exchange): void => x.cancel(rejection('CLIENT_CLOSED', 'the client left'));
const decisions = (deps: FakeDeps, policy = 'partner'): Record<string, number> =>
  Object.fromEntries(
    ['allowed', 'rejected', 'degraded']
      .map((decision): [string, number] => [decision, deps.meter.value('rate_limit_decisions_total', { policy, decision })])
      .filter(([, n]) => n > 0),
  );

describe('a limit that makes requests wait', () => {
  it('RL-5: who is over it waits for its turn, in order', async () => {
    const { send, log, clock, deps } = queueing([QUOTA]);
    const sent = ['a', 'b', 'c'].map((name) => send(name));
    expect(log).toEqual(['a passes at 0']);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b passes at 100', 'c passes at 200']);
    expect(sent.map(({ x }) => x.flags)).toEqual([[], ['queued'], ['queued']]);
    expect(sent.map(({ x }) => x.owedFrom - x.startedAt)).toEqual([0, 100, 200]);
    expect([clock.pending, decisions(deps)]).toEqual([0, { allowed: 3 }]);
  });

  it('RL-5: nobody overtakes those who wait', async () => {
    const { send, log, clock } = queueing([QUOTA]);
    for (const name of ['a', 'b', 'c']) send(name);
    clock.advance(100); // b has its turn
    send('d');
    await clock.advanceAsync(1000);
    expect(log.map((entry) => entry.split(' ')[0])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('RL-5: each key has a line of its own', async () => {
    const { send, log, clock } = queueing([QUOTA]);
    send('a', { consumer: 'x' });
    send('b', { consumer: 'x' });
    send('c', { consumer: 'y' });
    expect(log).toEqual(['a passes at 0', 'c passes at 0']);
    await clock.advanceAsync(100);
    expect(log.at(-1)).toBe('b passes at 100');
  });

  it('RL-5: beyond the queue’s size it is refused at once, and told when its turn would come', async () => {
    const { send, log, clock, deps } = queueing([{ ...QUOTA, rate: 1, queue: 2 }]);
    for (const name of ['a', 'b', 'c', 'd']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'd 429 after 3 at 0']);
    await clock.advanceAsync(2000);
    expect([log.slice(2), decisions(deps)]).toEqual([['b passes at 1000', 'c passes at 2000'], { allowed: 3, rejected: 1 }]);
  });

  it('RL-5: whose turn comes later than its deadline is refused at once', async () => {
    const { send, log, clock } = queueing([QUOTA]);
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
    const { send, log, clock } = queueing([{ ...QUOTA, rate: 4, per: '60s' }]);
    for (const name of ['a', 'b', 'c', 'd']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'd 429 after 45 at 0']);
    await clock.advanceAsync(30_000);
    expect(log.slice(2)).toEqual(['b passes at 15000', 'c passes at 30000']);
  });

  it('RL-5: a caller that leaves leaves the queue too, and takes no turn from others', async () => {
    const { send, log, clock, deps } = queueing([QUOTA]);
    const [, b] = ['a', 'b', 'c'].map((name) => send(name));
    clock.advance(50);
    gone((b as { x: Exchange }).x);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b cancelled at 50', 'c passes at 100']);
    expect([clock.pending, decisions(deps)]).toEqual([0, { allowed: 2 }]);
  });

  it('RL-5: no RateLimit fields are sent: those of the partner go through as they are', () => {
    const { send } = queueing([QUOTA]);
    const { x, answered } = send('a');
    const headers = ['RateLimit', '"theirs";r=1;t=2'];
    expect(forwardHeaders(answered(200, headers).headers, x.responseEdits)).toEqual(headers);
  });

  it('RL-5: a reload lets those go on who wait', async () => {
    const before = queueing([QUOTA]);
    for (const name of ['a', 'b']) before.send(name);
    const after = queueing([{ ...QUOTA, rate: 20 }], before.deps);
    after.send('c');
    await before.clock.advanceAsync(150);
    expect([before.log, after.log]).toEqual([['a passes at 0', 'b passes at 100'], ['c passes at 150']]);
  });

  it('RL-5: keys at which somebody waits are bounded in number', async () => {
    const { send, log, clock } = queueing([{ ...QUOTA, rate: 1 }]);
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
    const { send, log, clock, deps } = queueing([QUOTA]);
    deps.store.mode = 'async';
    for (const name of ['a', 'b', 'c', 'd']) send(name);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b passes at 100', 'c passes at 200', 'd passes at 300']);
    // Each when it came; then the first of the line once to be told when, and once when it is time.
    expect(deps.store.ran.length).toBeLessThanOrEqual(4 + 2 * 3);
  });

  it('RL-5: a turn that was charged for one who has left is given back', async () => {
    const { send, log, clock, deps } = queueing([QUOTA]);
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
    const { send, log, clock, deps } = queueing([QUOTA]);
    deps.store.mode = 'away';
    deps.store.replicaCount = 2;
    for (const name of ['a', 'b', 'c']) send(name);
    await clock.advanceAsync(1000);
    expect(log).toEqual(['a passes at 0', 'b passes at 200', 'c passes at 400']);
    expect(decisions(deps)).toEqual({ degraded: 3 });
  });

  it('RL-3: onStoreError: refuse turns those who wait away when the store goes', async () => {
    const { send, log, clock, deps } = queueing([{ ...QUOTA, onStoreError: 'refuse' }]);
    for (const name of ['a', 'b', 'c']) send(name);
    deps.store.mode = 'away';
    await clock.advanceAsync(100);
    expect(log).toEqual(['a passes at 0', 'b 503 after 1 at 100', 'c 503 after 1 at 100']);
    await clock.advanceAsync(1000); // until the limit is shown as full again
    expect(clock.pending).toBe(0);
  });
});

describe('beside limits that refuse', () => {
  const both = [{ name: 'own', rate: 2, per: '60s' }, QUOTA];

  it('RL-5: who is over a limit that refuses does not wait, and fills no queue', async () => {
    const { send, log, clock, deps } = queueing(both);
    for (const name of ['a', 'b', 'c']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'c 429 after 30 at 0']);
    await clock.advanceAsync(1000);
    expect(log.at(-1)).toBe('b passes at 100');
    expect([decisions(deps, 'own'), decisions(deps)]).toEqual([{ allowed: 2, rejected: 1 }, { allowed: 2 }]);
  });

  it('RL-1: who finds the queue full is not charged at the others', async () => {
    const { send, log, deps } = queueing([both[0] as object, { ...QUOTA, queue: 1 }]);
    for (const name of ['a', 'b', 'c']) send(name);
    await settle();
    expect(log).toEqual(['a passes at 0', 'c 429 after 1 at 0']);
    expect(decisions(deps, 'own')).toEqual({ allowed: 2 });
  });

  it('RL-1: the same where the queue has filled while the store was asked: it is given back', async () => {
    const { send, log, clock, deps } = queueing([
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
    const { send, clock } = queueing(both);
    const [, b] = [send('a'), send('b')];
    await clock.advanceAsync(100);
    expect(forwardHeaders([], b.x.responseEdits)).toEqual(['RateLimit-Policy', '"own";q=2;w=60', 'RateLimit', '"own";r=0;t=30']);
  });
});
