import { describe, expect, it } from 'vitest';
import { SLOW, counted, decisions, limited } from '../../../test/kit/rate-limit.ts';

describe('a store that replicas share', () => {
  it('RL-3: is asked, and waited for', async () => {
    const { sendLate, deps } = limited([{ ...SLOW, burst: 1 }]);
    deps.store.mode = 'async';
    expect([(await sendLate()).status, (await sendLate()).status]).toEqual([200, 429]);
    expect([deps.store.ran.length, deps.localStore.ran.length]).toEqual([2, 0]);
  });

  it('RL-3: where it does not answer this process’s share counts, and says so', async () => {
    const { sendLate, deps } = limited([{ name: 'shared', rate: 10, per: '1s', burst: 7 }]);
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
    const { sendLate, deps } = limited([{ name: 'shared', rate: 10, per: '10s', burst: 10, legacyHeaders: true }]);
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
    const { sendLate, deps } = limited([{ name: 'shared', rate: 2, burst: 2 }]);
    deps.store.mode = 'away';
    deps.store.replicaCount = 5;
    expect([(await sendLate()).status, (await sendLate()).status]).toEqual([200, 429]);
    deps.store.replicaCount = 1;
    deps.clock.advance(1000);
    expect([(await sendLate()).status, (await sendLate()).status, (await sendLate()).status]).toEqual([200, 200, 429]);
  });

  it('RL-3: recovers by itself', async () => {
    const { sendLate, send, deps } = limited([SLOW]);
    deps.store.mode = 'away';
    await sendLate();
    deps.store.back();
    for (let i = 0; i < 3; i++) send();
    expect(decisions(deps)).toEqual({ [counted('per-consumer', 'degraded')]: 1, [counted('per-consumer', 'allowed')]: 3 });
  });

  it('RL-3: onStoreError: refuse lets nothing through: 503 with Retry-After', async () => {
    const { sendLate, deps } = limited([
      { name: 'wide', rate: 100 },
      { ...SLOW, onStoreError: 'refuse' },
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
    const { sendLate, deps } = limited([{ ...SLOW, shadow: true, onStoreError: 'refuse' }]);
    deps.store.mode = 'away';
    expect((await sendLate()).status).toBe(200);
  });

  it('RL-3: where nothing can be counted at all, everything passes', async () => {
    const { sendLate, deps } = limited([{ ...SLOW, burst: 1 }]);
    deps.store.mode = deps.localStore.mode = 'away';
    expect([(await sendLate()).status, (await sendLate()).of('ratelimit')]).toEqual([200, '"per-consumer";r=1;t=0']);
  });
});
