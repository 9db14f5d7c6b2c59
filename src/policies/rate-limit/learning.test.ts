import { describe, expect, it } from 'vitest';
import { settle } from '../../../test/kit/clock.ts';
import { type FakeDeps, answerOf, exchange, fakeDeps } from '../../../test/kit/exchange.ts';
import { QUOTA, queueing } from '../../../test/kit/rate-limit-queue.ts';
import type { RawHeaders } from '../../core/headers.ts';

const quota = (deps: FakeDeps) => [
  deps.meter.value('quota_remaining', { policy: 'partner' }),
  deps.meter.value('quota_limit', { policy: 'partner' }),
];
describe('what is learnt from the partner', () => {
  it('RL-5: a 429 with Retry-After closes the key until then', async () => {
    const { send, log, clock } = queueing([{ ...QUOTA, burst: 5 }]);
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
    const { send, log, clock } = queueing([{ ...QUOTA, burst: 5 }]);
    send('a').answered(429, ['Retry-After', new Date(clock.wallMs() + 3000).toUTCString()]);
    send('b', { deadlineMs: 2000 });
    await settle();
    expect(log).toEqual(['a passes at 0', 'b 429 after 3 at 0']);
  });

  it('RL-5: those who wait already are told too', async () => {
    const { send, log, clock } = queueing([QUOTA]);
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
      const { send, log, clock } = queueing([QUOTA]);
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
    const { send, log, clock } = queueing([{ ...QUOTA, burst: 5 }]);
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
    const { send, log } = queueing([{ ...QUOTA, burst: 5 }]);
    send('a').answered(status, headers);
    send('b');
    expect(log).toEqual(['a passes at 0', 'b passes at 0']);
  });

  it('RL-5: only the upstream itself is believed', () => {
    const { stage, log, send } = queueing([{ ...QUOTA, burst: 5 }]);
    const x = exchange();
    const state = stage.open?.(x);
    void stage.onRequest?.(x, state);
    for (const origin of ['replay', 'fallback', 'gateway'] as const)
      void stage.onResponse?.(x, answerOf(429, { origin, headers: ['Retry-After', '5'] }), state);
    send('b');
    expect(log).toEqual(['b passes at 0']);
  });

  it('RL-5: what is left is shown: our own count, then what the partner says', () => {
    const { send, deps } = queueing([{ ...QUOTA, burst: 5 }]);
    expect(quota(deps)).toEqual([5, 5]);
    const a = send('a');
    expect(quota(deps)).toEqual([4, 5]);
    a.answered(200, ['X-RateLimit-Limit', '5000', 'X-RateLimit-Remaining', '4321', 'X-RateLimit-Reset', '60']);
    expect(quota(deps)).toEqual([4321, 5000]);
    send('b').answered(200, ['X-RateLimit-Limit', 'many']);
    expect(quota(deps)).toEqual([4321, 5000]);
    queueing([{ ...QUOTA, burst: 7 }], deps);
    expect(quota(deps)).toEqual([4321, 5000]);
  });

  it('RL-5: a limit that nobody asks any more fills, and shows it', async () => {
    const { send, deps, clock } = queueing([{ ...QUOTA, rate: 1, burst: 5 }]);
    for (const name of ['a', 'b', 'c']) send(name);
    expect(quota(deps)).toEqual([2, 5]);
    await clock.advanceAsync(1000);
    expect(quota(deps)).toEqual([3, 5]);
    await clock.advanceAsync(2000);
    expect(quota(deps)).toEqual([5, 5]);
  });

  it('RL-5: what a partner has closed is not shown as used up for ever', async () => {
    const { send, deps, clock } = queueing([{ ...QUOTA, burst: 5 }]);
    send('a').answered(429, ['Retry-After', '60', 'X-RateLimit-Limit', '50', 'X-RateLimit-Remaining', '0']);
    await clock.advanceAsync(59_990);
    expect(quota(deps)).toEqual([0, 50]);
    await clock.advanceAsync(20);
    expect(quota(deps)).toEqual([50, 50]);
    send('b').answered(429, ['Retry-After', '60', 'X-RateLimit-Limit', '50', 'X-RateLimit-Remaining', '0']);
    send('c').answered(200, ['X-RateLimit-Limit', '50', 'X-RateLimit-Remaining', '7']);
    await clock.advanceAsync(60_010);
    expect(quota(deps)).toEqual([7, 50]);
  });

  it('RL-5: who never says from how many it counts is taken at the most it has said', () => {
    const { send, deps } = queueing([{ ...QUOTA, burst: 5 }]);
    for (const remaining of ['90', '89', '100', '99']) send('a').answered(200, ['X-RateLimit-Remaining', remaining]);
    expect(quota(deps)).toEqual([99, 100]);
  });

  it('RL-5: limits that refuse learn nothing', () => {
    const deps = fakeDeps();
    const { send, log } = queueing([{ name: 'own', rate: 10 }], deps);
    send('a').answered(429, ['Retry-After', '5']);
    send('b');
    expect(log).toEqual(['a passes at 0', 'b passes at 0']);
    expect(() => quota(deps)).toThrow('no metric');
  });
});
