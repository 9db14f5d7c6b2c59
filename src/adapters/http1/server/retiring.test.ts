/** A listener that lets go of its clients: each hears it with an answer, and none is left with a request that nobody takes. */
import { expect, test } from 'vitest';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { elapsedMs, SLACK_MS } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { serve } from '../../../../test/kit/http1-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const LAST = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nGET / ';
const KEPT = LAST.replace('Connection: close\r\n', '');

test('the next answer on a connection is its last and says so; new connections are taken, for one answer each', async () => {
  await using served = await serve();
  const kept = await connectRaw(served.port);
  kept.write(GET);
  expect((await kept.readUntil('GET / ')).toString()).toBe(KEPT);
  served.server.retire();
  kept.write(GET);
  expect((await kept.readToEnd()).toString()).toBe(LAST);
  const fresh = await connectRaw(served.port);
  fresh.write(GET);
  expect((await fresh.readToEnd()).toString()).toBe(LAST);
  expect(served.taken).toHaveLength(3);
  expect(served.meter.value('connections_refused_total')).toBe(0);
  for (const c of [kept, fresh]) c.destroy();
});

test('an answer whose head has left without a word of it is not the last: the client may have asked again', async () => {
  await using served = await serve((taken) => {
    if (served.taken.length > 1) return taken.answer(200, 'GET / ');
    taken.down.writeHead(200, ['Content-Length', '4']);
    taken.down.write(Buffer.from('so'));
  });
  const c = await connectRaw(served.port);
  c.write(GET);
  await c.readUntil('so');
  served.server.retire();
  const [first] = served.taken;
  first?.down.write(Buffer.from('me'));
  first?.down.end(undefined);
  await c.readUntil('me');
  c.write(GET);
  expect((await c.readToEnd()).toString()).toBe(LAST);
  c.destroy();
});

test('a connection on which nothing is asked ends in three seconds, or sooner where it is kept for less anyway', async () => {
  await using served = await serve(undefined, { keepAliveMs: 100 });
  await using usual = await serve();
  const [used, unused] = [await connectRaw(served.port), await connectRaw(served.port)];
  used.write(GET);
  await used.readUntil('GET / ');
  for (const { server } of [served, usual]) {
    expect(server.keptMs).toBe(server.options.keepAliveMs);
    server.retire();
  }
  expect([served.server.keptMs, usual.server.keptMs]).toEqual([100, 3000]);
  // `headerTimeoutMs` would let the unused one wait for ten seconds.
  const endedMs = await elapsedMs(async () => {
    for (const c of [used, unused]) expect((await c.readToEnd()).length).toBe(0);
  });
  expect(endedMs).toBeLessThan(600 + SLACK_MS);
  for (const c of [used, unused]) c.destroy();
});

test('one that goes on after its answer ends in that time, too', async () => {
  await using served = await serve((taken) => {
    taken.down.writeHead(200, ['Content-Length', '4']);
    taken.down.write(Buffer.from('so'));
  });
  const c = await connectRaw(served.port);
  c.write(GET);
  await c.readUntil('so');
  served.server.configure({ ...served.options, keepAliveMs: 100 });
  served.server.retire();
  served.taken[0]?.down.write(Buffer.from('me'));
  served.taken[0]?.down.end(undefined);
  expect((await c.readToEnd()).toString()).toBe('me');
  c.destroy();
});

test('half a head is waited for, and a drain after it ends the rest', async () => {
  await using served = await serve();
  const [slow, idle] = [await connectRaw(served.port), await connectRaw(served.port)];
  slow.write(GET.slice(0, 20));
  await until(() => served.meter.value('downstream_connections') === 2, 'both');
  served.server.retire();
  slow.write(GET.slice(20));
  expect((await slow.readToEnd()).toString()).toBe(LAST);
  slow.destroy();
  const drained = served.server.drain();
  expect((await idle.readToEnd()).length).toBe(0);
  idle.destroy();
  await drained;
});
