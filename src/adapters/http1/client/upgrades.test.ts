/** Changing to another protocol (RFC 9110 §7.8). */
import { expect, test } from 'vitest';
import type { ByteChannelEvents } from '../../../core/ports.ts';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { Pushed, ask, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { readHead } from '../../../../test/kit/message.ts';
import { startRawOrigin } from '../../../../test/kit/origin.ts';
import { until } from '../../../../test/kit/until.ts';

const SWITCH = (protocol: string) => `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;

class Listener implements ByteChannelEvents {
  text = '';
  readonly told: string[] = [];
  onData(chunk: Uint8Array): void {
    this.text += Buffer.from(chunk).toString('latin1');
  }
  onEnd(): void {
    this.told.push('end');
  }
  onDrain(): void {}
  onClosed(how: string): void {
    this.told.push(how);
  }
}

/** An origin that answers the first request with `bytes`, and the connection on which it did. */
async function switching(bytes: string) {
  const { promise, resolve } = Promise.withResolvers<RawConnection>();
  let head = '';
  const origin = await startRawOrigin(async (c) => {
    head = (await c.readUntil('\r\n\r\n')).toString('latin1');
    c.write(bytes);
    resolve(c);
  });
  return { port: origin.port, connection: promise, head: () => head, connections: origin.connections, [Symbol.asyncDispose]: origin.close };
}

test('what was asked for is changed to: bytes are bytes, those behind the head first, and the pool is free of it', async () => {
  await using origin = await switching(`HTTP/1.1 103 Early Hints\r\n\r\n${SWITCH('WebSocket')}early `);
  await using p = poolTo(origin.port, { connections: 1 });
  const asked = ask(p.pool, { upgrade: 'foo/2, websocket' });
  await asked.over;
  expect(origin.head()).toBe('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: foo/2, websocket\r\n\r\n');
  expect([asked.told, asked.answer?.status, asked.answer?.headers]).toEqual([
    ['info 103', 'upgrade'],
    101,
    ['Connection', 'Upgrade', 'Upgrade', 'WebSocket'],
  ]);
  expect([asked.t.sent, p.pool.usage]).toEqual(['all', { connections: 0, idle: 0, waiting: 0 }]);
  asked.call?.abort(); // too late: the connection is the channel's
  asked.call?.pause();
  const c = await origin.connection;
  c.write('late');
  const listener = new Listener();
  asked.channel?.listen(listener);
  await until(() => listener.text === 'early late', 'both');
  const large = Buffer.alloc(2_000_000, 'x');
  asked.channel?.write(large);
  expect((await c.read(large.length)).equals(large)).toBe(true);
  c.write(large);
  await until(() => listener.text.length === 10 + large.length, 'all of it');
  c.end();
  await until(() => listener.told.includes('end'), 'the end');
  asked.channel?.write(Buffer.from('bye'));
  asked.channel?.end();
  expect((await c.readToEnd()).toString()).toBe('bye');
  await until(() => listener.told.length === 2, 'the close');
  expect(listener.told).toEqual(['end', 'ended']);
});

test('a change is the same however it is cut into packets', async () => {
  const bytes = `${SWITCH('websocket')}early`;
  for (let at = 1; at < bytes.length; at++) {
    await using origin = await switching(bytes.slice(0, at));
    await using p = poolTo(origin.port);
    const asked = ask(p.pool, { upgrade: 'websocket' });
    (await origin.connection).write(bytes.slice(at));
    await asked.over;
    const listener = new Listener();
    asked.channel?.listen(listener);
    await until(() => listener.text === 'early', `the early bytes, cut at ${at}`);
    expect(asked.told).toEqual(['upgrade']);
    asked.channel?.destroy();
  }
});

test.each([
  ['another protocol', SWITCH('h2c'), 'websocket', 'UPGRADE_FAILED'],
  ['another version', SWITCH('foo/3'), 'foo/2', 'UPGRADE_FAILED'],
  ['one more than was asked for', SWITCH('websocket, h2c'), 'websocket', 'UPGRADE_FAILED'],
  ['no protocol at all', 'HTTP/1.1 101 x\r\n\r\n', 'websocket', 'UPGRADE_FAILED'],
  ['what nobody asked for', SWITCH('websocket'), undefined, 'UPSTREAM_BAD_FRAMING'],
])('a change to %s breaks the connection', async (_, bytes, upgrade, code) => {
  await using origin = await switching(bytes);
  await using p = poolTo(origin.port);
  const asked = ask(p.pool, { upgrade });
  await asked.over;
  expect([asked.told, p.pool.usage.connections]).toEqual([[code], 0]);
  await (await origin.connection).peerDone;
});

test('a refused change is an answer like any other, and the connection is kept', async () => {
  await using origin = await switching('HTTP/1.1 401 No\r\nX: y\r\nContent-Length: 2\r\n\r\nno');
  await using p = poolTo(origin.port);
  const asked = ask(p.pool, { upgrade: 'websocket' });
  await asked.over;
  expect([asked.told, asked.body, asked.answer?.headers[1], p.pool.usage.idle]).toEqual([['head 401', 'data', 'end'], 'no', 'y', 1]);
});

test('a change in the middle of the request breaks the connection', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write(SWITCH('websocket'));
  });
  await using p = poolTo(origin.port);
  const asked = ask(p.pool, { method: 'POST', body: new Pushed(), upgrade: 'websocket' });
  await asked.over;
  expect(asked.told).toEqual(['UPSTREAM_BAD_FRAMING']);
});

test.each([
  ['reset by the peer', (c: RawConnection) => c.reset()],
  ['broken by us', undefined],
])('resets on either side are told, and never crash: %s', async (_, reset) => {
  for (let round = 0; round < 20; round++) {
    await using origin = await switching(SWITCH('websocket'));
    await using p = poolTo(origin.port);
    const asked = ask(p.pool, { upgrade: 'websocket' });
    await asked.over;
    const listener = new Listener();
    asked.channel?.listen(listener);
    const c = await origin.connection;
    if (reset === undefined) asked.channel?.destroy();
    else reset(c);
    asked.channel?.write(Buffer.from('x'));
    await until(() => listener.told.length > 0, 'the close');
    expect(listener.told).toEqual(['broken']);
    await c.closed;
  }
});
