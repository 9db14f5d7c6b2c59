/** Which connections carry requests, how long they are kept, and which never again. Over real sockets; time is the test’s. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { Pushed, answerOf, ask, countingOrigin, patientOrigin, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { readRequest } from '../../../../test/kit/message.ts';
import { startRawOrigin } from '../../../../test/kit/origin.ts';
import { until } from '../../../../test/kit/until.ts';

const turns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};

test('one connection carries one request after the other, and says so', async () => {
  await using origin = await countingOrigin();
  await using p = poolTo(origin.port);
  for (let i = 0; i < 3; i++) {
    const asked = ask(p.pool);
    await asked.over;
    expect([asked.body, asked.t.reused]).toEqual(['0', i > 0]);
  }
  expect(p.pool.usage).toEqual({ connections: 1, idle: 1, waiting: 0 });
});

test('the connection that was freed last is used first', async () => {
  await using origin = await patientOrigin();
  await using p = poolTo(origin.port);
  const first = ask(p.pool);
  await until(() => origin.asked.length === 1, 'the first');
  const second = ask(p.pool);
  await until(() => origin.asked.length === 2, 'the second');
  const [a, b] = origin.asked as [RawConnection, RawConnection];
  b.write(answerOf('b'));
  await second.over;
  a.write(answerOf('a'));
  await first.over;
  const third = ask(p.pool);
  await until(() => origin.asked.length === 3, 'the third');
  expect([origin.asked[2] === a, third.t.reused]).toEqual([true, true]);
});

test.each([
  ['FIN', (c: RawConnection) => c.end()],
  ['RST', (c: RawConnection) => c.reset()],
  ['a second answer', (c: RawConnection) => c.write(answerOf('poison'))],
  ['half a line', (c: RawConnection) => c.write('H')],
])('HY-4: an idle connection that gets a %s is never used again', async (_, spoil) => {
  await using origin = await countingOrigin();
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
  await using origin = await countingOrigin('', (c) => c.write(answerOf('poison')));
  await using p = poolTo(origin.port);
  for (let i = 0; i < 20; i++) {
    const asked = ask(p.pool);
    await asked.over;
    await turns(5);
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
  await using origin = await countingOrigin(fields);
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
  await using origin = await countingOrigin('Keep-Alive: timeout=2\r\n');
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
  await using origin = await countingOrigin('Keep-Alive: timeout=1\r\n');
  await using p = poolTo(origin.port);
  await ask(p.pool).over;
  expect(p.pool.usage.connections).toBe(0);
});

test('RT-2: a reset on a kept connection is told with how far the request had come', async () => {
  await using origin = await patientOrigin();
  await using p = poolTo(origin.port);
  const first = ask(p.pool);
  await until(() => origin.asked.length === 1, 'the first');
  origin.asked[0]?.write(answerOf(''));
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
