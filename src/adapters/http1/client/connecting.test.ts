/** Connections that are made or not, and calls that wait for one. Over real sockets; time is the test’s. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { Pushed, answerOf, ask, countingOrigin, patientOrigin, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { startRawOrigin } from '../../../../test/kit/origin.ts';
import { until } from '../../../../test/kit/until.ts';

const turns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const origin = await startRawOrigin(() => undefined);
  await origin.close();
  return origin.port;
}

test('requests beyond the limit wait, in their order', async () => {
  await using origin = await patientOrigin();
  await using p = poolTo(origin.port, { connections: 2 });
  const asked = Array.from({ length: 6 }, () => ask(p.pool));
  await until(() => origin.asked.length === 2, 'two of them');
  await turns(5);
  expect(p.pool.usage).toEqual({ connections: 2, idle: 0, waiting: 4 });
  for (let done = 0; done < 6; done += 1) {
    await until(() => origin.asked.length > done, 'the next');
    const c = origin.asked[done] as RawConnection;
    const before = asked.map(({ told }) => told.length > 0);
    c.write(answerOf(''));
    await until(() => asked.filter(({ told }) => told.at(-1) === 'end').length === done + 1, 'its answer');
    // Whoever came first is answered no later than the limit lets it.
    expect(before.lastIndexOf(true) - before.indexOf(false)).toBeLessThan(2);
  }
  expect([origin.connections.length, p.pool.usage.waiting]).toEqual([2, 0]);
});

test('one that is given up while it waits leaves its place to the next', async () => {
  await using origin = await patientOrigin();
  await using p = poolTo(origin.port, { connections: 1 });
  const [first, ...waiting] = Array.from({ length: 4 }, () => ask(p.pool));
  await until(() => origin.asked.length === 1, 'the first');
  for (const i of [1, 2, 0]) waiting[i]?.call?.abort();
  expect(p.pool.usage.waiting).toBe(0);
  const last = ask(p.pool);
  origin.asked[0]?.write(answerOf('x'));
  await until(() => origin.asked.length === 2, 'the last');
  origin.asked[1]?.write(answerOf('y'));
  await last.over;
  expect([first?.body, last.body, ...waiting.flatMap(({ told, t }) => [...told, t.sent])]).toEqual([
    'x',
    'y',
    'nothing',
    'nothing',
    'nothing',
  ]);
  expect(origin.connections).toHaveLength(1);
});

test('too many that wait are refused', async () => {
  await using origin = await patientOrigin();
  await using p = poolTo(origin.port, { connections: 1 });
  const asked = Array.from({ length: 10_002 }, () => ask(p.pool));
  expect(p.pool.usage.waiting).toBe(10_000);
  await turns(1);
  expect([asked[9999]?.told, asked[10_000]?.told, asked[10_001]?.told]).toEqual([[], ['OVERLOADED'], ['OVERLOADED']]);
});

test('a connection whose call was given up while it was made serves the next, or goes idle', async () => {
  await using origin = await countingOrigin();
  await using p = poolTo(origin.port);
  const given = ask(p.pool);
  given.call?.abort();
  const next = ask(p.pool);
  await next.over;
  await until(() => p.pool.usage.idle === p.pool.usage.connections, 'idle connections');
  const gone = ask(p.pool);
  await gone.over;
  expect([given.told, given.t.sent, origin.connections.length]).toEqual([[], 'nothing', 1]);
});

test('nobody listens: refused, and nothing was sent', async () => {
  await using p = poolTo(await freePort());
  const asked = [ask(p.pool), ask(p.pool, { method: 'POST', body: Buffer.from('x') }), ask(p.pool, { body: new Pushed(3, ['abc']) })];
  await Promise.all(asked.map(({ over }) => over));
  expect(asked.map(({ told, t }) => [...told, t.sent])).toEqual(Array(3).fill(['UPSTREAM_REFUSED', 'nothing']));
  expect([p.pool.usage.connections, p.clock.pending]).toEqual([0, 0]);
});

test('nobody listens, and many wait beyond the limit: all of them hear of it', async () => {
  await using p = poolTo(await freePort(), { connections: 2 });
  const asked = Array.from({ length: 20 }, () => ask(p.pool));
  await Promise.all(asked.map(({ over }) => over));
  expect(asked.flatMap(({ told }) => told)).toEqual(Array(20).fill('UPSTREAM_REFUSED'));
  expect(p.pool.usage).toEqual({ connections: 0, idle: 0, waiting: 0 });
});

test('a name that does not exist', async () => {
  await using p = poolTo(1, { origin: 'http://nobody.invalid:1' });
  const asked = ask(p.pool);
  await asked.over;
  expect([...asked.told, asked.t.sent]).toEqual(['DNS_FAILURE', 'nothing']);
});

test('a connection that is not made in time is given up', async () => {
  // Time is moved before the system has a turn to connect.
  await using origin = await startRawOrigin(() => undefined);
  await using p = poolTo(origin.port, { connectMs: 300 });
  const asked = ask(p.pool);
  p.clock.advance(299);
  expect([asked.told, p.pool.usage.connections]).toEqual([[], 1]);
  p.clock.advance(1);
  expect([...asked.told, asked.t.sent, p.pool.usage.connections, p.clock.pending]).toEqual(['CONNECT_TIMEOUT', 'nothing', 0, 0]);
  await turns(20);
  expect(asked.told).toHaveLength(1);
});

test('a timeout of one connection spares a call that another one is being made for', async () => {
  await using origin = await countingOrigin();
  await using p = poolTo(origin.port, { connectMs: 1000 });
  const first = ask(p.pool);
  p.clock.advance(600);
  const second = ask(p.pool);
  first.call?.abort();
  p.clock.advance(400);
  expect([second.told, p.pool.usage]).toEqual([[], { connections: 1, idle: 0, waiting: 1 }]);
  await second.over;
  expect(second.told.at(-1)).toBe('end');
});

test('IPv6 origins are written in brackets, and what is no http origin is refused', async () => {
  const make = (origin: string) => poolTo(1, { origin }).pool;
  expect(make('http://[::1]:8080').usage.connections).toBe(0);
  expect(() => make('https://x')).toThrow(TypeError);
  expect(() => make('x')).toThrow(TypeError);
});
