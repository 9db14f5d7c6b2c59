import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { counting, openTestStore } from '../kit/redis-store.ts';
import { clientOf, describeRedis, startRedis } from '../kit/redis.ts';

const UNAVAILABLE = 'unavailable';

describeRedis('a Redis that says no', () => {
  it('a password is sent, and a database is chosen; a wrong one leaves it away and is never logged', async () => {
    await using redis = await startRedis(['--requirepass', 's3cr3t/@']);
    const { port } = redis;
    await using good = await openTestStore(`redis://:s3cr3t%2F%40@127.0.0.1:${port}/3`);
    await using named = await openTestStore(`redis://default:s3cr3t%2F%40@127.0.0.1:${port}`);
    await using wrong = await openTestStore(`redis://:s3cr3t@127.0.0.1:${port}`);
    await using none = await openTestStore(`redis://127.0.0.1:${port}`);
    await using nowhere = await openTestStore(`redis://:s3cr3t%2F%40@127.0.0.1:${port}/99`);
    expect(await good.store.run(counting, ['a'], [5])).toBe(5);
    expect(await named.store.run(counting, ['a'], [1])).toBe(1);
    using client = clientOf(redis, { password: 's3cr3t/@', db: 3 });
    expect(await client.get('test:{limits}:a')).toBe('5');
    for (const [store, reason] of [
      [wrong, 'WRONGPASS'],
      [none, 'NOAUTH'],
      [nowhere, 'ERR'],
    ] as const) {
      expect(store.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
      expect(store.log).toEqual([`warn the shared store is away: each replica decides by itself until it is back (${reason})`]);
    }
  });

  it('a password that Redis does not ask for is no reason to go without it', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url.replace('//', '//:s3cr3t@'));
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    expect(shared.log).toEqual([]);
  });

  const refusals: ReadonlyArray<readonly [string, (client: Redis) => Promise<unknown>]> = [
    ['OOM', (client) => client.config('SET', 'maxmemory', 1)],
    ['NOPERM', (client) => client.acl('SETUSER', 'default', '-evalsha')],
    ['WRONGTYPE', (client) => client.lpush('test:{limits}:a', 'x')],
    ['ERR', (client) => client.set('test:{limits}:a', 'no number')],
  ];
  it.each(refusals)('%s is unavailable, counted, told once, and the store stays up', async (reason, spoil) => {
    await using redis = await startRedis();
    using client = clientOf(redis);
    await using shared = await openTestStore(redis.url);
    await spoil(client);
    for (let i = 0; i < 3; i++) expect(await shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(shared.meter.value('store_errors_total', { reason })).toBeGreaterThanOrEqual(3);
    expect(shared.meter.value('store_up')).toBe(1);
    expect(shared.log.filter((line) => line.includes(reason))).toEqual([`warn the shared store refuses calls (${reason})`]);
  });

  it('a replica can be read and not written: it counts as away, told once', async () => {
    await using redis = await startRedis();
    await using replica = await startRedis(['--replicaof', `127.0.0.1 ${redis.port}`]);
    await using shared = await openTestStore(replica.url);
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(shared.log).toEqual([
      expect.stringMatching(/^warn the shared store is away: each replica decides by itself until it is back \((?:READONLY|MASTERDOWN)\)$/),
    ]);
    using client = clientOf(replica);
    await client.replicaof('NO', 'ONE');
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
  });

  it('a primary that becomes a replica is left', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url);
    await shared.store.run(counting, ['a'], [1]);
    using client = clientOf(redis);
    await client.replicaof('127.0.0.1', 1);
    expect(await shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    await shared.until('down');
  });
});
