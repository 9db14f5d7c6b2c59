/** How a pool ends. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { answerOf, ask, countingOrigin, patientOrigin, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { until } from '../../../../test/kit/until.ts';

test('close ends idle connections at once, busy ones after their answer, and serves what still waits', async () => {
  await using origin = await patientOrigin();
  await using p = poolTo(origin.port, { connections: 2 });
  const [idle, busy] = [ask(p.pool), ask(p.pool)];
  await until(() => origin.asked.length === 2, 'both');
  const [a, b] = origin.asked as [RawConnection, RawConnection];
  a.write(answerOf('a'));
  await Promise.race([idle.over, busy.over]);
  let closed = false;
  const closing = p.pool.close().then(() => {
    closed = true;
  });
  await a.peerDone;
  const late = [ask(p.pool), ask(p.pool)];
  await until(() => origin.asked.length === 3, 'a late one');
  b.write(answerOf('b'));
  origin.asked[2]?.write(answerOf('c'));
  await until(() => origin.asked.length === 4, 'another');
  expect(closed).toBe(false);
  origin.asked[3]?.write(answerOf('d'));
  await Promise.all([idle.over, busy.over, ...late.map(({ over }) => over)]);
  await closing;
  expect(p.pool.usage).toEqual({ connections: 0, idle: 0, waiting: 0 });
  await p.pool.close();
});

test('destroy ends everything at once, and everybody hears of it', async () => {
  await using origin = await patientOrigin();
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
  await using origin = await countingOrigin();
  await using p = poolTo(origin.port);
  const asked = ask(p.pool);
  await p.pool.destroy();
  expect([asked.told, p.clock.pending]).toEqual([['OVERLOADED'], 0]);
});
