/** How connections begin, are kept, and end. */
import { expect, test, vi } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { elapsedMs, pass, SLACK_MS } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { type Served, type Taken, echo, serve } from '../../../../test/kit/http1-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

async function get(c: RawConnection): Promise<string> {
  c.write(GET);
  return (await c.readUntil('GET / ')).toString();
}

const open = (served: Served): number => served.meter.value('downstream_connections');

/** The shortest of many tries, in milliseconds: what else the machine does makes each later, and none earlier. */
async function shortest(served: Served, each: (c: RawConnection) => Promise<unknown>): Promise<number> {
  const took = Array.from({ length: 15 }, async (_, i) => {
    await pass(i * 37);
    const from = performance.now();
    const c = await connectRaw(served.port);
    await each(c);
    const ms = performance.now() - from;
    c.destroy();
    return ms;
  });
  return Math.min(...(await Promise.all(took)));
}

test('an idle connection is closed after `keepAliveMs`, to within a tenth, and without a word', async () => {
  await using served = await serve(echo, { keepAliveMs: 500 });
  const idleMs = await shortest(served, async (c) => {
    await get(c);
    expect((await c.readToEnd()).length).toBe(0);
  });
  expect(idleMs).toBeGreaterThanOrEqual(500);
  expect(idleMs).toBeLessThan(565 + SLACK_MS);
  await until(() => open(served) === 0, 'no connection');
});

test('time starts anew with each answer', async () => {
  await using served = await serve(echo, { keepAliveMs: 200 });
  const c = await connectRaw(served.port);
  for (let i = 0; i < 4; i++) {
    await get(c);
    await pass(120);
  }
  expect(c.ended).toBe(false);
  c.destroy();
});

test.each([
  ['at the beginning', async () => undefined],
  ['after another request', get],
])('half a head %s is 408 after `headerTimeoutMs`, to within a tenth, however it drips', async (_, before) => {
  await using served = await serve(echo, { headerTimeoutMs: 500 });
  const lateMs = await shortest(served, async (c) => {
    await before(c);
    const dripping = setInterval(() => !c.ended && c.write('X'), 20);
    c.write('GET / HTTP/1.1\r\nX-');
    return elapsedMs(async () => {
      const code = 'REQUEST_TIMEOUT';
      expect((await c.readToEnd()).toString()).toBe(
        `HTTP/1.1 408 Request Timeout\r\nContent-Length: 15\r\nConnection: close\r\n\r\n${code}`,
      );
    }).finally(() => clearInterval(dripping));
  });
  expect(lateMs).toBeGreaterThanOrEqual(500);
  expect(lateMs).toBeLessThan(565 + SLACK_MS);
  expect(served.taken.filter(({ refusal }) => refusal?.code === 'REQUEST_TIMEOUT')).toHaveLength(15);
});

test('a connection on which nothing comes is closed after `headerTimeoutMs`, without a word', async () => {
  await using served = await serve(echo, { headerTimeoutMs: 100 });
  const lateMs = await shortest(served, async (c) => expect((await c.readToEnd()).length).toBe(0));
  expect(lateMs).toBeGreaterThanOrEqual(100);
  expect(lateMs).toBeLessThan(130 + SLACK_MS);
  expect(served.taken).toEqual([]);
});

test('neither time counts while a request is in hand', async () => {
  await using served = await serve(
    (taken) => {
      taken.down.readBody();
      setTimeout(() => taken.answer(200, 'late'), 700);
    },
    { headerTimeoutMs: 200, keepAliveMs: 200 },
  );
  const c = await connectRaw(served.port);
  c.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na');
  await pass(400);
  c.write('b');
  await c.readUntil('late');
  expect(served.taken.map(({ told }) => told)).toEqual([['end', 'flushed']]);
  c.destroy();
});

test('beyond `maxConnections` a connection is closed at once, and counted', async () => {
  await using served = await serve(echo, { maxConnections: 2 });
  const kept = [await connectRaw(served.port), await connectRaw(served.port)];
  for (const c of kept) await get(c);
  const third = await connectRaw(served.port);
  third.write(GET);
  expect((await third.readToEnd()).length).toBe(0);
  expect([open(served), served.meter.value('connections_refused_total')]).toEqual([2, 1]);
  kept[0]?.destroy();
  await until(() => open(served) === 1, 'room');
  const fourth = await connectRaw(served.port);
  await get(fourth);
  for (const c of [...kept, third, fourth]) c.destroy();
  await until(() => open(served) === 0, 'no connection');
});

test.each([
  ['HTTP/1.1', '', true],
  ['HTTP/1.1', 'Connection: close\r\n', false],
  ['HTTP/1.0', '', false],
  ['HTTP/1.0', 'Connection: keep-alive\r\n', true],
])('%s with %j is kept: %s', async (version, field, kept) => {
  await using served = await serve();
  const c = await connectRaw(served.port);
  c.write(`GET / ${version}\r\nHost: x\r\n${field}\r\n`);
  await c.readUntil('GET / ');
  if (kept) await get(c);
  else expect((await c.readToEnd()).length).toBe(0);
  expect(served.taken).toHaveLength(kept ? 2 : 1);
  c.destroy();
});

test('a client whose connection ends has a second to end its side, and is not waited for longer', async () => {
  await using served = await serve();
  const c = await connectRaw(served.port);
  c.write(GET.replace('Host', 'Connection: close\r\nHost'));
  await c.readToEnd();
  expect(open(served)).toBe(1);
  const goneMs = await elapsedMs(() => until(() => open(served) === 0, 'the end'));
  expect(goneMs).toBeGreaterThan(900);
  expect(goneMs).toBeLessThan(1400 + SLACK_MS);
  c.destroy();
});

test('other limits hold from the next request on', async () => {
  await using served = await serve();
  const c = await connectRaw(served.port);
  await get(c);
  served.server.configure({ ...served.options, maxUrlBytes: 256, maxHeaderBytes: 1024, keepAliveMs: 200, maxConnections: 1 });
  await get(c); // this one had begun to be waited for
  const another = await connectRaw(served.port);
  expect((await another.readToEnd()).length).toBe(0);
  expect(await elapsedMs(() => c.peerDone)).toBeLessThan(1000 + SLACK_MS);
  await until(() => open(served) === 0, 'room');
  const strict = await connectRaw(served.port);
  strict.write(`GET /${'x'.repeat(300)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect((await strict.readToEnd()).toString()).toContain('414');
  for (const one of [c, another, strict]) one.destroy();
});

test('a drain ends idle connections at once, busy ones with their answer, which says so; then it is over', async () => {
  const held: Taken[] = [];
  await using served = await serve((taken) => void held.push(taken));
  const [fresh, idle, busy, half, streams, pipeline] = await Promise.all(Array.from({ length: 6 }, () => connectRaw(served.port)));
  idle?.write(GET);
  (await served.request(0)).answer(200, 'ok');
  await idle?.readUntil('ok');
  busy?.write(GET);
  await served.request(1);
  streams?.write(GET);
  const stream = await served.request(2);
  stream.down.writeHead(200, []);
  await streams?.readUntil('\r\n\r\n');
  pipeline?.write(GET + GET);
  await served.request(3);
  half?.write('GET /half HTTP/1.1\r\n');
  await pass(20);
  let over = false;
  const drained = served.server.drain().then(() => {
    over = true;
  });
  await fresh?.readToEnd();
  await idle?.readToEnd();
  await expect(connectRaw(served.port)).rejects.toThrow('ECONNREFUSED');
  expect(over).toBe(false);
  held[1]?.answer(200, 'ok');
  expect((await busy?.readToEnd())?.toString()).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  stream.down.end(undefined);
  expect((await streams?.readToEnd())?.toString()).toBe('0\r\n\r\n');
  held[3]?.answer(200, 'ok');
  expect((await pipeline?.readToEnd())?.toString()).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  half?.write('Host: x\r\n\r\n');
  (await served.request(4)).answer(200, 'ok');
  expect((await half?.readToEnd())?.toString()).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  for (const c of [busy, streams, pipeline, half]) c?.end();
  await drained;
  expect(open(served)).toBe(0);
});

test('a drain without connections is over at once, also asked twice, also before it listens', async () => {
  const served = await serve();
  await served.server.drain();
  await served.server.drain();
  served.server.cut();
  await served[Symbol.asyncDispose]();
  expect(open(served)).toBe(0);
});

test('a cut ends all at once; what was written is sent', async () => {
  const served = await serve(({ down }) => {
    down.writeHead(200, []);
    down.write(Buffer.from('some'));
    served.server.cut();
  });
  const [idle, busy] = [await connectRaw(served.port), await connectRaw(served.port)];
  busy.write(GET);
  expect((await busy.readToEnd()).toString()).toContain('some');
  await idle.readToEnd();
  await served.server.drain();
  expect(served.taken[0]?.told).toEqual(['gone']);
  for (const c of [idle, busy]) c.destroy();
});

test('an answer that was handed over before its connection was cut is an answer', async () => {
  const served = await serve((taken) => {
    taken.answer(503, 'over');
    served.server.cut();
  });
  const c = await connectRaw(served.port);
  c.write(GET);
  expect((await c.readToEnd()).toString()).toContain('over');
  await served.server.drain();
  expect(served.taken[0]?.told).toEqual(['flushed']);
  c.destroy();
});

test('a listener without connections wakes nobody, and keeps its times for the next one', async () => {
  const [set, cleared] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')];
  try {
    await using served = await serve(echo, { keepAliveMs: 200 });
    const standing = (): number => {
      const ended = new Set(cleared.mock.calls.map(([timer]) => timer));
      return set.mock.results.filter(({ value }) => !ended.has(value as NodeJS.Timeout)).length;
    };
    expect(standing(), 'before the first').toBe(0);
    for (const round of ['first', 'second']) {
      const c = await connectRaw(served.port);
      await get(c);
      expect(standing(), round).toBe(1);
      expect((await c.readToEnd()).length).toBe(0);
      c.destroy();
      await until(() => standing() === 0, `no timer after the ${round}`);
    }
  } finally {
    set.mockRestore();
    cleared.mockRestore();
  }
});
