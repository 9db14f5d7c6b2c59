/** Connections that change to another protocol (RFC 9110 §7.8). */
import { expect, test } from 'vitest';
import type { ByteChannel, ByteChannelEvents } from '../../../core/ports.ts';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { pass } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { type Taken, serve } from '../../../../test/kit/http1-server.ts';

const ASK = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: y\r\nConnection: Upgrade\r\n\r\n';

/** Sends back what it gets, and ends when its peer does. */
class Echo implements ByteChannelEvents {
  readonly channel: ByteChannel;
  closed: string | undefined;

  constructor(channel: ByteChannel) {
    this.channel = channel;
    channel.listen(this);
  }

  onData(chunk: Uint8Array): void {
    if (!this.channel.write(chunk)) this.channel.pause();
  }
  onDrain(): void {
    this.channel.resume();
  }
  onEnd(): void {
    this.channel.end();
  }
  onClosed(how: 'ended' | 'broken'): void {
    this.closed = how;
  }
}

const change = ({ down }: Taken): Echo => new Echo(down.upgrade(['Upgrade', 'websocket', 'X', 'y', 'Content-Length', '3']));

test('the 101 is written, and from there on bytes are bytes', async () => {
  let echo: Echo | undefined;
  await using served = await serve((taken) => {
    echo = change(taken);
  });
  const c = await connectRaw(served.port);
  c.write(`${ASK}early ${GET}`);
  expect((await c.readUntil('\r\n\r\n')).toString()).toBe(SWITCHED);
  await c.readUntil(GET);
  for (const size of [1, 1000, 100_000, 3_000_000]) {
    const bytes = Buffer.alloc(size, size % 251);
    c.write(bytes);
    expect((await c.read(size)).equals(bytes)).toBe(true);
  }
  expect([served.taken.length, served.taken[0]?.head.upgrade, served.meter.value('downstream_connections')]).toEqual([1, 'websocket', 1]);
  c.end();
  await c.readToEnd();
  await until(() => echo?.closed, 'the end');
  expect(echo?.closed).toBe('ended');
  await until(() => served.meter.value('downstream_connections') === 0, 'no connection');
  expect(served.taken[0]?.told).toEqual([]);
});

test('while nobody has decided, what comes waits, and little of it is read', async () => {
  await using served = await serve(() => undefined);
  const c = await connectRaw(served.port);
  const bytes = Buffer.alloc(6_000_000, 'z');
  c.write(ASK);
  c.write(bytes);
  const taken = await served.request(0);
  await until(() => c.socket.writableLength > 0 && c.socket.writableLength, 'the client to be stopped');
  await pass(30);
  expect(c.socket.writableLength).toBeGreaterThan(0);
  change(taken);
  expect((await c.readUntil('\r\n\r\n')).toString()).toBe(SWITCHED);
  expect((await c.read(bytes.length)).equals(bytes)).toBe(true);
  c.destroy();
});

test('a request that is answered otherwise is a request like others, and what was sent behind it is the next', async () => {
  await using served = await serve((taken) => setTimeout(() => taken.answer(taken.head.upgrade === undefined ? 200 : 426, 'no'), 5));
  const c = await connectRaw(served.port);
  c.write(ASK + GET);
  expect((await c.readUntil('no')).toString()).toBe('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno');
  expect((await c.readUntil('no')).toString()).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno');
  c.destroy();
});

test('neither limit of time holds for it', async () => {
  await using served = await serve((taken) => void change(taken), { keepAliveMs: 300, headerTimeoutMs: 300 });
  const c = await connectRaw(served.port);
  c.write(ASK);
  await c.readUntil('\r\n\r\n');
  await pass(700);
  c.write('still');
  expect((await c.read(5)).toString()).toBe('still');
  c.destroy();
});

test('a drain waits for it, a cut ends it', async () => {
  let echo: Echo | undefined;
  const served = await serve((taken) => {
    echo = change(taken);
  });
  const c = await connectRaw(served.port);
  c.write(ASK);
  await c.readUntil('\r\n\r\n');
  let drained = false;
  const drain = served.server.drain().then(() => {
    drained = true;
  });
  c.write('still');
  expect((await c.read(5)).toString()).toBe('still');
  expect(drained).toBe(false);
  served.server.cut();
  await drain;
  expect(echo?.closed).toBe('broken');
  await c.closed;
});

test.each(['end', 'reset'] as const)('one that the client ends by %s is told of by the channel alone', async (way) => {
  const echoes: Echo[] = [];
  await using served = await serve((taken) => void echoes.push(change(taken)));
  for (let i = 0; i < 50; i++) {
    const c = await connectRaw(served.port);
    c.write(ASK);
    await c.readUntil('\r\n\r\n');
    c[way]();
    await until(() => echoes[i]?.closed, 'the end');
    expect(echoes[i]?.closed).toBe(way === 'end' ? 'ended' : 'broken');
    c.destroy();
  }
  await until(() => served.meter.value('downstream_connections') === 0, 'no connection');
  expect(served.taken.flatMap(({ told }) => told)).toEqual([]);
});
