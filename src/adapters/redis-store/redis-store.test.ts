import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Answering, bulk, politely, startFakeRedis } from '../../../test/kit/fake-redis.ts';
import { counting, openTestStore } from '../../../test/kit/redis-store.ts';
import { until } from '../../../test/kit/until.ts';
import type { StoreScript } from '../../core/store.ts';

const UNAVAILABLE = 'unavailable';
const AWAY = 'the shared store is away: each replica decides by itself until it is back';

/** Polite, and the rest as said. */
const politeAnd =
  (other: Answering): Answering =>
  (command, socket) =>
    politely(command) ?? other(command, socket);
const fine = politeAnd(() => ':1\r\n');

describe('hostile answers', () => {
  it.each([
    ['a nil that nobody asked for', '$-1\r\n$-1\r\n'],
    ['a push without a name', '>1\r\n_\r\n'],
    ['a push that subscribes', '>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'],
    ['HTTP', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['zeros', '\0'.repeat(1000)],
    ['a string of 9 GB', '$9000000000\r\nabc'],
    ['a deep nest', '*1\r\n'.repeat(100_000)],
    ['two answers to one question', ':1\r\n:2\r\n'],
  ])('%s: unavailable at the worst, on another connection from then on, and nothing breaks', async (_, garbage) => {
    await using fake = await startFakeRedis(fine);
    await using shared = await openTestStore(fake.url, { replicas: 1 });
    fake.answer = politeAnd(() => garbage);
    const first = await shared.store.run(counting, ['a'], [1]);
    expect([1, UNAVAILABLE]).toContain(first);
    await until(() => fake.connections > 1, 'another connection');
    fake.answer = fine;
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    expect(shared.log).toContain(`warn ${AWAY} (malformed)`);
  });

  it('an answer that the script does not make is unavailable and counted; the connection stays, as the others are in order', async () => {
    await using fake = await startFakeRedis(fine);
    await using shared = await openTestStore(fake.url, { replicas: 1 });
    fake.answer = politeAnd(([, , , key = '']) => (key.endsWith('poisoned') ? bulk('x') : ':1\r\n'));
    const results = await Promise.all(['a', 'poisoned', 'b'].map(async (key) => shared.store.run(counting, [key], [1])));
    expect(results).toEqual([1, UNAVAILABLE, 1]);
    await until(() => fake.commands.filter(([name]) => name === 'ping').length > 1, 'a PING to see whether answers are in order');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    expect([fake.connections, shared.meter.value('store_errors_total', { reason: 'malformed' })]).toEqual([1, 1]);
    expect(shared.log).toEqual(['warn the shared store refuses calls (malformed)']);
  });

  it('a reader that throws has not read it', async () => {
    await using fake = await startFakeRedis(fine);
    await using shared = await openTestStore(fake.url, { replicas: 1 });
    const stumbling: StoreScript<string> = { ...counting, local: () => '', read: (reply) => (reply as { a: { b: string } }).a.b };
    expect(await shared.store.run(stumbling, ['a'], [1])).toBe(UNAVAILABLE);
  });

  it('after an answer that got lost, the next ones are not taken for it', async () => {
    await using fake = await startFakeRedis(fine);
    await using shared = await openTestStore(fake.url, { replicas: 1 });
    fake.answer = politeAnd(() => undefined);
    expect(await shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    await until(() => fake.connections > 1, 'another connection');
    fake.answer = fine;
    await shared.until('up');
    expect(await shared.store.run(counting, ['a'], [1])).toBe(1);
    expect(shared.log[0]).toBe(`warn ${AWAY} (malformed)`);
  });
});

describe('a store that is there and cannot', () => {
  it('a script that it does not know is sent whole', async () => {
    await using fake = await startFakeRedis(politeAnd(([name]) => (name === 'evalsha' ? '-NOSCRIPT No matching script.\r\n' : ':7\r\n')));
    await using shared = await openTestStore(fake.url, { replicas: 1 });
    expect(await shared.store.run(counting, ['a'], [1])).toBe(7);
    expect(fake.commands.at(-1)).toEqual(['eval', counting.lua, '1', 'test:{limits}:a', '1']);
    expect(shared.log).toEqual([]);
  });

  it('a wrong password: nothing else is asked, and nothing of the answer is told', async () => {
    const echoing = "-WRONGPASS invalid, you said 's3cr3t'\r\n";
    await using fake = await startFakeRedis((command) => (command[0] === 'auth' ? echoing : (politely(command) ?? ':1\r\n')));
    await using shared = await openTestStore(fake.url.replace('//', '//user:s3cr3t@'));
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(new Set(fake.commands.map((command) => command.join(' ')))).toEqual(new Set(['auth user s3cr3t']));
    expect(shared.log).toEqual([`warn ${AWAY} (WRONGPASS)`]);
  });

  it('while it loads its data it is away, asked again and again on one connection', async () => {
    await using fake = await startFakeRedis((command) =>
      command[0] === 'ping' || command[0] === 'del' ? '-LOADING dataset\r\n' : ':1\r\n',
    );
    await using shared = await openTestStore(fake.url);
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(shared.log).toEqual([`warn ${AWAY} (LOADING)`]);
    fake.answer = fine;
    await shared.until('up');
    expect(fake.connections).toBe(1);
  });

  it('a node of a cluster that has the key elsewhere: unavailable, told, up', async () => {
    await using fake = await startFakeRedis(politeAnd(() => '-MOVED 3999 127.0.0.1:6381\r\n'));
    await using shared = await openTestStore(fake.url);
    expect(await shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(shared.log).toEqual(['warn the shared store refuses calls (MOVED)']);
    expect(shared.meter.value('store_up')).toBe(1);
  });

  it('steadily slower than a call may take: away for good, told once, and no request waits for it twice', async () => {
    await using fake = await startFakeRedis(fine);
    await using shared = await openTestStore(fake.url, { timeoutMs: 100 });
    fake.answer = (command, socket) => {
      setTimeout(() => socket.write(fine(command, socket) as string), 400);
      return undefined;
    };
    expect(await shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    await until(() => fake.commands.filter(([name]) => name === 'ping').length > 4, 'some PINGs', 3000);
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    expect(shared.log).toEqual([`warn ${AWAY} (timeout)`]);
    fake.answer = fine;
    await shared.until('up');
  });

  it('it hangs up at once: it is tried again with pauses that grow', async () => {
    await using fake = await startFakeRedis(fine);
    await using shared = await openTestStore(fake.url, { random: { hex: () => 'a', unit: () => 0, uuid: () => '' } });
    fake.answer = (_, socket) => {
      socket.destroy();
      return undefined;
    };
    fake.cut();
    await sleep(1000);
    // After 25, 50, 100, 200 and 400 ms.
    expect(fake.connections).toBeGreaterThanOrEqual(4);
    expect(fake.connections).toBeLessThanOrEqual(6);
    expect(shared.log).toHaveLength(1);
  });
});

describe('what is under way is bounded', () => {
  it('beyond 10,000 calls one more is unavailable at once', async () => {
    await using fake = await startFakeRedis(politeAnd(() => undefined));
    await using shared = await openTestStore(fake.url, { timeoutMs: 1000, replicas: 1 });
    const calls = Array.from({ length: 10_000 }, async () => shared.store.run(counting, ['a'], [1]));
    expect(shared.meter.series('store_calls_total')).toEqual({});
    expect(shared.store.run(counting, ['a'], [1])).toBe(UNAVAILABLE);
    shared.store.publish();
    expect(shared.meter.value('store_calls_in_flight')).toBe(10_000);
    expect(shared.meter.value('store_calls_total', { outcome: 'full' })).toBe(1);
    fake.cut();
    expect(new Set(await Promise.all(calls))).toEqual(new Set([UNAVAILABLE]));
    shared.store.publish();
    expect(shared.meter.value('store_calls_in_flight')).toBe(0);
  });

  it('beyond 64 MiB, too; what nobody waits for any more still counts', async () => {
    await using fake = await startFakeRedis(politeAnd(() => undefined));
    await using shared = await openTestStore(fake.url, { timeoutMs: 1000, replicas: 1 });
    const body = new Uint8Array(8 * 1024 * 1024);
    const calls = Array.from({ length: 7 }, async () => shared.store.run(counting, ['a'], [body]));
    expect(shared.store.run(counting, ['a'], [body, body])).toBe(UNAVAILABLE);
    expect(shared.meter.value('store_calls_total', { outcome: 'full' })).toBe(1);
    fake.cut();
    await Promise.all(calls);
  });
});

describe('at the end', () => {
  it('says what is still to be said, and that it leaves', async () => {
    await using fake = await startFakeRedis(fine);
    const shared = await openTestStore(fake.url);
    shared.store.later(counting, ['a'], [1]);
    shared.store.later(counting, ['b'], [1]);
    await shared.store.close();
    await shared.store.close();
    const keys = fake.commands.filter(([name]) => name === 'evalsha').map(([, , , key]) => key);
    expect(keys).toEqual(['test:replicas', 'test:{limits}:a', 'test:{limits}:b', 'test:replicas']);
    expect(shared.meter.value('store_deferred_dropped_total')).toBe(0);
  });

  it('closes where it never was connected', async () => {
    const fake = await startFakeRedis(fine);
    await fake[Symbol.asyncDispose]();
    const shared = await openTestStore(fake.url);
    shared.store.later(counting, ['a'], [1]);
    await shared.store.close();
    expect(shared.meter.value('store_deferred_dropped_total')).toBe(1);
    expect(shared.log.at(-1)).toContain('is given up');
  });
});
