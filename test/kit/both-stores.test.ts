import { expect, it } from 'vitest';
import type { StoreScript } from '../../src/core/store.ts';
import { bothStores } from './both-stores.ts';
import { describeRedis } from './redis.ts';

/** Counts calls for ten seconds from the first; says the instant, too. */
const counting: StoreScript<{ count: number; atMs: number }> = {
  name: 'limits.counting',
  space: 'limits',
  lua: `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, now }`,
  local: (records, [key = ''], [lifeMs], nowMs) => {
    const known = records.get(key);
    const count = Number(known?.fields['count'] ?? 0) + 1;
    records.set(key, { fields: { count }, expiresAt: known?.expiresAt ?? nowMs + Number(lifeMs) });
    return { count, atMs: nowMs };
  },
  read: (reply) => {
    const [count, atMs] = reply as [number, number];
    return { count, atMs };
  },
};

describeRedis('one history in both stores', () => {
  it('has the time of the test, in scripts and for what expires', async () => {
    await using both = await bothStores();
    const seen: unknown[] = [];
    const call = async (): Promise<void> => {
      const { memory, redis } = await both.run(counting, ['a'], [10_000]);
      expect(redis).toEqual(memory);
      seen.push([redis.count, redis.atMs - 1_000_000]);
    };
    await call();
    await both.advance(9000);
    await call();
    await both.advance(1000);
    await call();
    await both.clear();
    await call();
    expect(seen).toEqual([
      [1, 0],
      [2, 9000],
      [1, 10_000],
      [1, 10_000],
    ]);
  });
});
