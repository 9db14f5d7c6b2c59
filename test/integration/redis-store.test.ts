import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { StoreScript } from '../../src/core/store.ts';
import { counting, openTestStore } from '../kit/redis-store.ts';
import { type TestRedis, describeRedis, startRedis } from '../kit/redis.ts';
import { startTcpProxy } from '../kit/tcp-proxy.ts';
import { until } from '../kit/until.ts';

const UNAVAILABLE = 'unavailable';

/** A machine with other work is late by some milliseconds; the budget itself is tested against a server that stands still. */
const BUDGET_MS = 25;

/** How long a call took, and what came of it. */
async function timed(call: () => unknown): Promise<{ ms: number; result: unknown }> {
  const begin = performance.now();
  const result = await call();
  return { ms: performance.now() - begin, result };
}

describeRedis('the store in a real Redis', () => {
  it('runs a script, with bytes in and out, under its prefix and space', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const echo: StoreScript<Buffer> = {
      name: 'idempotency.echo',
      space: 'idempotency',
      lua: "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])",
      local: () => Buffer.alloc(0),
      read: (reply) => (Buffer.isBuffer(reply) ? reply : undefined),
    };
    expect(await shared.store.run(echo, ['k'], [bytes.subarray(1)])).toEqual(Buffer.from(bytes.subarray(1)));
    expect(await shared.store.run(counting, ['k'], [2])).toBe(2);
    expect(await shared.store.run(counting, ['k'], [0.5 * 4])).toBe(4);
    using client = clientOf(redis);
    expect((await client.keys('*')).sort()).toEqual(['test:idempotency:k', 'test:replicas', 'test:{limits}:k']);
    expect(shared.meter.series('store_calls_total')).toMatchObject({
      'script=idempotency.echo,outcome=ok': 1,
      'script=limits.counting,outcome=ok': 2,
    });
    expect(shared.log).toEqual([]);
  });

  it('a Redis that has lost the scripts is sent them again, within the same call', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url);
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    using client = clientOf(redis);
    await client.script('FLUSH');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(2);
    expect(shared.meter.value('store_errors_total')).toBe(0);
  });

  it('RL-3: Redis stands still: one call waits for the budget, the next not at all, and it recovers by itself', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url);
    await shared.store.run(counting, ['a'], [1]);
    redis.pause();
    const first = await timed(() => shared.store.run(counting, ['a'], [1]));
    expect(first.result).toBe(UNAVAILABLE);
    expect(first.ms).toBeGreaterThanOrEqual(19);
    for (let i = 0; i < 50; i++) expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    await until(() => shared.log.length > 0, 'a line in the log');
    redis.resume();
    await shared.until('up');
    expect(await shared.store.run(counting, ['b'], [1])).toBe(1);
    expect(shared.log).toEqual([
      'warn the shared store is away: each replica decides by itself until it is back (timeout)',
      'info the shared store is back',
    ]);
    expect(shared.meter.value('store_calls_total', { outcome: 'timeout' })).toBe(1);
    expect(shared.meter.value('store_calls_total', { outcome: 'down' })).toBe(50);
  });

  it('the budget of a call that is not answered is 20 ms', async () => {
    await using redis = await startRedis();
    const took: number[] = [];
    for (let i = 0; i < 5; i++) {
      await using shared = await openTestStore(redis.url);
      await shared.store.run(counting, ['a'], [1]);
      redis.pause();
      took.push((await timed(() => shared.store.run(counting, ['a'], [1]))).ms);
      redis.resume();
    }
    expect(Math.min(...took)).toBeLessThan(BUDGET_MS);
  });

  it('one slow answer costs no more than itself', async () => {
    await using redis = await startRedis(['--enable-debug-command', 'local']);
    await using shared = await openTestStore(redis.url);
    using client = clientOf(redis);
    await shared.store.run(counting, ['a'], [1]);
    const slow = client.call('DEBUG', 'SLEEP', '0.06');
    await until(async () => (await shared.store.run(counting, ['a'], [1])) === UNAVAILABLE, 'a call that is not answered');
    await slow;
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBeGreaterThan(1);
  });

  it('an event loop that was busy for longer than the budget takes the answer that has come meanwhile', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url);
    await shared.store.run(counting, ['a'], [1]); // from here on it knows the script
    for (let i = 2; i <= 5; i++) {
      const call = shared.store.run(counting, ['a'], [1]);
      const until = performance.now() + 60;
      await new Promise((resolve) => setImmediate(resolve)); // it is sent
      while (performance.now() < until);
      expect(await call).toBe(i);
    }
    expect(shared.meter.value('store_calls_total', { outcome: 'timeout' })).toBe(0);
  });

  it('Redis is killed: at once unavailable, and back when it is', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url);
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    await redis.kill();
    await shared.until('down');
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    await redis.restart();
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    expect(shared.log.map((line) => line.replace(/ \(.*/, ''))).toEqual([
      'warn the shared store is away: each replica decides by itself until it is back',
      'info the shared store is back',
    ]);
  });

  it('a call that is under way when Redis is killed is unavailable, and is not sent again', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url, { timeoutMs: 1000 });
    redis.pause();
    const calls = [1, 2, 3].map(() => shared.store.run(counting, ['a'], [1]));
    await redis.kill();
    expect(await Promise.all(calls)).toEqual([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
    await redis.restart();
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
  });

  it('a network that swallows everything: the connection is given up, and no answer is ever taken for another', async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy(redis.port);
    await using shared = await openTestStore(`redis://127.0.0.1:${proxy.port}`);
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    proxy.swallow();
    expect(await shared.store.run(counting, ['a'], [10])).toBe(UNAVAILABLE);
    proxy.pass();
    await shared.until('up');
    for (let i = 2; i < 20; i++) expect(await shared.store.run(counting, ['a'], [1])).toBe(i);
  });

  it('a silent connection is given up after some seconds, and another one is made', async () => {
    await using redis = await startRedis();
    await using proxy = await startTcpProxy(redis.port);
    await using shared = await openTestStore(`redis://127.0.0.1:${proxy.port}`);
    proxy.swallow();
    expect(await shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    using client = clientOf(redis);
    const connected = async (): Promise<number> => Number(/total_connections_received:(\d+)/.exec(await client.info('stats'))?.[1]);
    const before = await connected();
    await until(async () => (await connected()) > before, 'another connection', 9000);
    proxy.pass();
    await shared.until('up');
  }, 20_000);

  it('starts without Redis, says so, and takes it up when it comes', async () => {
    await using redis = await startRedis();
    await redis.kill();
    const { ms, result } = await timed(() => openTestStore(redis.url));
    await using shared = result as Awaited<ReturnType<typeof openTestStore>>;
    expect(ms).toBeLessThan(1500);
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(shared.log).toEqual(['warn the shared store is away: each replica decides by itself until it is back (ECONNREFUSED)']);
    await redis.restart();
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
  });

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

  it('what is to be done later is done when Redis is back, once and in order', async () => {
    await using redis = await startRedis();
    await using shared = await openTestStore(redis.url);
    const append: StoreScript<number> = { ...counting, name: 'limits.append', lua: "return redis.call('APPEND', KEYS[1], ARGV[1])" };
    await redis.kill();
    await shared.until('down');
    for (const letter of 'abcdefgh') shared.store.later(append, ['a'], [letter]);
    await redis.restart();
    await shared.until('up');
    await until(() => shared.meter.value('store_deferred') === 0, 'nothing waits');
    using client = clientOf(redis);
    expect(await client.get('test:{limits}:a')).toBe('abcdefgh');
    shared.store.later(append, ['a'], ['!']);
    await until(async () => (await client.get('test:{limits}:a')) === 'abcdefgh!', 'the last one');
  });

  it('RL-3: processes are counted by their heartbeats, and one that leaves says so', async () => {
    await using redis = await startRedis();
    await using a = await openTestStore(redis.url);
    const b = await openTestStore(redis.url);
    await until(() => b.store.replicas() === 2, 'the second counts both');
    await using fixed = await openTestStore(redis.url, { replicas: 7 });
    expect(fixed.store.replicas()).toBe(7);
    using client = clientOf(redis);
    expect(await client.zcard('test:replicas')).toBe(2);
    await b[Symbol.asyncDispose]();
    expect(await client.zcard('test:replicas')).toBe(1);
    // One that fell silent, by the server's clock, does not count.
    await client.zadd('test:replicas', Date.now() - 20_000, 'gone');
    await client.zadd('test:replicas', Date.now() - 10_000, 'late');
    await using c = await openTestStore(redis.url);
    await until(() => c.store.replicas() === 3, 'itself, the first and the late one');
    expect(a.store.replicas()).toBe(1);
  });

  it('closes within a second, whatever Redis does, and answers everything that is under way', async () => {
    await using redis = await startRedis();
    const shared = await openTestStore(redis.url, { timeoutMs: 1000 });
    redis.pause();
    const call = shared.store.run(counting, ['a'], [1]);
    shared.store.later(counting, ['a'], [1]);
    const { ms } = await timed(() => shared.store.close());
    expect(ms).toBeLessThan(900);
    expect(await call).toBe(UNAVAILABLE);
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(shared.meter.value('store_deferred_dropped_total')).toBe(1);
    redis.resume();
  });
});

/** To look at what is in it. */
function clientOf(redis: TestRedis, options: { password?: string; db?: number } = {}): Redis & Disposable {
  const client = new Redis({ port: redis.port, host: '127.0.0.1', ...options });
  client.on('error', () => undefined);
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}
