/** When connections are made, kept, used again and given up. Over real sockets; time is the test's. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { Pushed, ask, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { readRequest } from '../../../../test/kit/message.ts';
import { startRawOrigin } from '../../../../test/kit/origin.ts';
import { until } from '../../../../test/kit/until.ts';

const answer = (body: string, fields = ''): string => `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;

/** Answers every request with the number of its connection; `then` is done after each. */
function counting(fields = '', then: (c: RawConnection) => void = () => undefined) {
  return startRawOrigin(async (c, index) => {
    for (;;) {
      await readRequest(c);
      c.write(answer(String(index), fields));
      then(c);
    }
  });
}

/** Answers only when the test says so. */
async function patient() {
  const asked: RawConnection[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      asked.push(c);
    }
  });
  return { ...origin, asked };
}

const turns = async (n = 5): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const origin = await startRawOrigin(() => undefined);
  await origin.close();
  return origin.port;
}

test('one connection carries one request after the other, and says so', async () => {
  await using origin = await counting();
  await using p = poolTo(origin.port);
  for (let i = 0; i < 3; i++) {
    const asked = ask(p.pool);
    await asked.over;
    expect([asked.body, asked.t.reused]).toEqual(['0', i > 0]);
  }
  expect(p.pool.usage).toEqual({ connections: 1, idle: 1, waiting: 0 });
});

test('the connection that was freed last is used first', async () => {
  await using origin = await patient();
  await using p = poolTo(origin.port);
  const first = ask(p.pool);
  await until(() => origin.asked.length === 1, 'the first');
  const second = ask(p.pool);
  await until(() => origin.asked.length === 2, 'the second');
  const [a, b] = origin.asked as [RawConnection, RawConnection];
  b.write(answer('b'));
  await second.over;
  a.write(answer('a'));
  await first.over;
  const third = ask(p.pool);
  await until(() => origin.asked.length === 3, 'the third');
  expect([origin.asked[2] === a, third.t.reused]).toEqual([true, true]);
});

test('requests beyond the limit wait, in their order', async () => {
  await using origin = await patient();
  await using p = poolTo(origin.port, { connections: 2 });
  const asked = Array.from({ length: 6 }, () => ask(p.pool));
  await until(() => origin.asked.length === 2, 'two of them');
  await turns();
  expect(p.pool.usage).toEqual({ connections: 2, idle: 0, waiting: 4 });
  for (let done = 0; done < 6; done += 1) {
    await until(() => origin.asked.length > done, 'the next');
    const c = origin.asked[done] as RawConnection;
    const before = asked.map(({ told }) => told.length > 0);
    c.write(answer(''));
    await until(() => asked.filter(({ told }) => told.at(-1) === 'end').length === done + 1, 'its answer');
    // Whoever came first is answered no later than the limit lets it.
    expect(before.lastIndexOf(true) - before.indexOf(false)).toBeLessThan(2);
  }
  expect([origin.connections.length, p.pool.usage.waiting]).toEqual([2, 0]);
});

test('one that is given up while it waits leaves its place to the next', async () => {
  await using origin = await patient();
  await using p = poolTo(origin.port, { connections: 1 });
  const [first, ...waiting] = Array.from({ length: 4 }, () => ask(p.pool));
  await until(() => origin.asked.length === 1, 'the first');
  for (const i of [1, 2, 0]) waiting[i]?.call?.abort();
  expect(p.pool.usage.waiting).toBe(0);
  const last = ask(p.pool);
  origin.asked[0]?.write(answer('x'));
  await until(() => origin.asked.length === 2, 'the last');
  origin.asked[1]?.write(answer('y'));
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
  await using origin = await patient();
  await using p = poolTo(origin.port, { connections: 1 });
  const asked = Array.from({ length: 10_002 }, () => ask(p.pool));
  expect(p.pool.usage.waiting).toBe(10_000);
  await turns(1);
  expect([asked[9999]?.told, asked[10_000]?.told, asked[10_001]?.told]).toEqual([[], ['OVERLOADED'], ['OVERLOADED']]);
});

test('a connection whose call was given up while it was made serves the next, or goes idle', async () => {
  await using origin = await counting();
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

test.each([
  ['FIN', (c: RawConnection) => c.end()],
  ['RST', (c: RawConnection) => c.reset()],
  ['a second answer', (c: RawConnection) => c.write(answer('poison'))],
  ['half a line', (c: RawConnection) => c.write('H')],
])('HY-4: an idle connection that gets a %s is never used again', async (_, spoil) => {
  await using origin = await counting();
  await using p = poolTo(origin.port);
  for (let i = 0; i < 20; i++) {
    const asked = ask(p.pool);
    await asked.over;
    expect([asked.body, asked.t.reused]).toEqual([String(i), false]);
    spoil(origin.connections[i] as RawConnection);
    await until(() => p.pool.usage.connections === 0, 'its end');
    await origin.connections[i]?.peerDone;
  }
});

test('HY-4: what comes right behind an answer is nobody’s answer, and costs the connection', async () => {
  await using origin = await counting('', (c) => c.write(answer('poison')));
  await using p = poolTo(origin.port);
  for (let i = 0; i < 20; i++) {
    const asked = ask(p.pool);
    await asked.over;
    await turns();
    expect(asked.body).toBe(String(i));
  }
});

test('HY-4: bytes behind an answer that has no body, or in its own packet', async () => {
  const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(`HTTP/1.1 204 No Content\r\n\r\n${poison}`);
  });
  await using p = poolTo(origin.port);
  const asked = ask(p.pool);
  await asked.over;
  expect([asked.told, p.pool.usage.connections]).toEqual([['head 204', 'end'], 0]);
});

test.each([
  ['no hint', '', 4000],
  ['a longer hint', 'Keep-Alive: timeout=30, max=10\r\n', 4000],
  ['a shorter hint', 'Keep-Alive: max=5, Timeout=3\r\n', 2000],
  ['the shorter of two hints', 'Keep-Alive: timeout=3\r\nKeep-Alive: timeout=2\r\n', 1000],
])('DL-4: an idle connection is kept its time and no longer: %s', async (_, fields, ms) => {
  await using origin = await counting(fields);
  await using p = poolTo(origin.port);
  await ask(p.pool).over;
  p.clock.advance(ms - 1);
  const kept = ask(p.pool);
  await kept.over;
  p.clock.advance(ms - 1);
  expect([kept.t.reused, p.pool.usage.idle]).toEqual([true, 1]);
  p.clock.advance(501); // the time, and a sweep
  expect(p.pool.usage.idle).toBe(0);
  await origin.connections[0]?.peerDone;
  expect(p.clock.pending).toBe(0);
});

test('DL-4: nothing is sent on a connection whose time is over, also before a sweep', async () => {
  await using origin = await counting('Keep-Alive: timeout=2\r\n');
  await using p = poolTo(origin.port);
  await ask(p.pool).over;
  p.clock.advance(999);
  expect(p.pool.usage.idle).toBe(1);
  await ask(p.pool).over;
  p.clock.advance(499);
  await ask(p.pool).over;
  p.clock.advance(501);
  await ask(p.pool).over;
  expect(origin.connections).toHaveLength(1);
  await until(() => p.pool.usage.idle === 1, 'idle');
  const clock = p.clock;
  const realNow = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => realNow() + 1000; // time went on, and no timer ran yet
  const late = ask(p.pool);
  await late.over;
  expect([late.t.reused, origin.connections.length]).toEqual([false, 2]);
});

test('a hint of a second or less is no time at all', async () => {
  await using origin = await counting('Keep-Alive: timeout=1\r\n');
  await using p = poolTo(origin.port);
  await ask(p.pool).over;
  expect(p.pool.usage.connections).toBe(0);
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
  // A listener whose queue is full swallows what comes.
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
  await using origin = await counting();
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

test('RT-2: a reset on a kept connection is told with how far the request had come', async () => {
  await using origin = await patient();
  await using p = poolTo(origin.port);
  const first = ask(p.pool);
  await until(() => origin.asked.length === 1, 'the first');
  origin.asked[0]?.write(answer(''));
  await first.over;
  const second = ask(p.pool, { method: 'POST', headers: ['Host', 'x', 'Content-Length', '5'], body: new Pushed(5, ['ab']) });
  await until(() => second.t.sent === 'part', 'part of it');
  origin.asked[0]?.reset();
  await second.over;
  expect([...second.told, second.t.sent, second.t.reused]).toEqual(['UPSTREAM_RESET', 'part', true]);
  const third = ask(p.pool);
  await until(() => origin.asked.length === 2, 'the third');
  origin.asked[1]?.reset();
  await third.over;
  expect([...third.told, third.t.sent, third.t.reused]).toEqual(['UPSTREAM_RESET', 'all', false]);
});

test('IPv6 origins are written in brackets, and what is no http origin is refused', async () => {
  const make = (origin: string) => poolTo(1, { origin }).pool;
  expect(make('http://[::1]:8080').usage.connections).toBe(0);
  expect(() => make('https://x')).toThrow(TypeError);
  expect(() => make('x')).toThrow(TypeError);
});

test('close ends idle connections at once, busy ones after their answer, and serves what still waits', async () => {
  await using origin = await patient();
  await using p = poolTo(origin.port, { connections: 2 });
  const [idle, busy] = [ask(p.pool), ask(p.pool)];
  await until(() => origin.asked.length === 2, 'both');
  const [a, b] = origin.asked as [RawConnection, RawConnection];
  a.write(answer('a'));
  await Promise.race([idle.over, busy.over]);
  let closed = false;
  const closing = p.pool.close().then(() => {
    closed = true;
  });
  await a.peerDone;
  const late = [ask(p.pool), ask(p.pool)];
  await until(() => origin.asked.length === 3, 'a late one');
  b.write(answer('b'));
  origin.asked[2]?.write(answer('c'));
  await until(() => origin.asked.length === 4, 'another');
  expect(closed).toBe(false);
  origin.asked[3]?.write(answer('d'));
  await Promise.all([idle.over, busy.over, ...late.map(({ over }) => over)]);
  await closing;
  expect(p.pool.usage).toEqual({ connections: 0, idle: 0, waiting: 0 });
  await p.pool.close();
});

test('destroy ends everything at once, and everybody hears of it', async () => {
  await using origin = await patient();
  await using p = poolTo(origin.port, { connections: 2 });
  const asked = Array.from({ length: 4 }, () => ask(p.pool));
  await until(() => origin.asked.length === 2, 'two of them');
  const destroyed = p.pool.destroy();
  expect(asked.map(({ told }) => told[0])).toEqual(['UPSTREAM_RESET', 'UPSTREAM_RESET', 'OVERLOADED', 'OVERLOADED']);
  await destroyed;
  for (const c of origin.connections) await c.peerDone;
  const late = ask(p.pool);
  expect(late.told).toEqual([]);
  await late.over;
  expect(late.told).toEqual(['OVERLOADED']);
  await p.pool.destroy();
});

test('destroy ends connections that are being made', async () => {
  await using origin = await counting();
  await using p = poolTo(origin.port);
  const asked = ask(p.pool);
  await p.pool.destroy();
  expect([asked.told, p.clock.pending]).toEqual([['OVERLOADED'], 0]);
});
