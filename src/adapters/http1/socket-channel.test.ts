import { type Socket, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../test/kit/connection.ts';
import { startRawOrigin } from '../../../test/kit/origin.ts';
import { until } from '../../../test/kit/until.ts';
import { SocketChannel } from './socket-channel.ts';

/** Keeps what a channel tells, bytes as text. */
class Listener {
  readonly told: string[] = [];
  text = '';
  onData(chunk: Uint8Array): void {
    this.text += Buffer.from(chunk).toString('latin1');
  }
  onEnd(): void {
    this.told.push('end');
  }
  onDrain(): void {
    this.told.push('drain');
  }
  onClosed(how: string): void {
    this.told.push(how);
  }
}

/** A channel on one end of a connection, the test on the other. `onread`: the socket gives its bytes to a callback. */
async function pair(kind: 'data' | 'onread', early?: string) {
  const { promise, resolve } = Promise.withResolvers<RawConnection>();
  const origin = await startRawOrigin((c) => resolve(c));
  let channel: SocketChannel | undefined;
  const read = {
    buffer: Buffer.alloc(1000),
    callback: (bytes: number, buffer: Uint8Array) => {
      channel?.receive(Buffer.from(buffer.subarray(0, bytes)));
      return true;
    },
  };
  const socket: Socket = connect({ host: '127.0.0.1', port: origin.port, ...(kind === 'onread' && { onread: read }) });
  await new Promise((connected) => socket.once('connect', connected));
  channel = new SocketChannel(socket, early === undefined ? undefined : Buffer.from(early, 'latin1'));
  return { channel, peer: await promise, listener: new Listener(), socket, [Symbol.asyncDispose]: () => origin.close() };
}

test.each(['data', 'onread'] as const)('%s: nothing comes before listen, then the early bytes, then the rest', async (kind) => {
  await using p = await pair(kind, 'early ');
  p.peer.write('late');
  await turn();
  p.channel.listen(p.listener);
  expect(p.listener.text).toBe('');
  await until(() => p.listener.text === 'early late', 'both');
});

test.each(['data', 'onread'] as const)('%s: the peer ends first, and the other half goes on', async (kind) => {
  await using p = await pair(kind);
  p.channel.listen(p.listener);
  p.peer.write('bye');
  p.peer.end();
  await until(() => p.listener.told.includes('end'), 'the end');
  expect(p.listener.text).toBe('bye');
  p.channel.write(Buffer.from('still here'));
  p.channel.end();
  expect((await p.peer.readToEnd()).toString()).toBe('still here');
  await until(() => p.listener.told.length === 2, 'the close');
  expect(p.listener.told).toEqual(['end', 'ended']);
});

test.each(['data', 'onread'] as const)('%s: we end first, and hear the peer on', async (kind) => {
  await using p = await pair(kind);
  p.channel.listen(p.listener);
  p.channel.end();
  await p.peer.peerDone;
  p.peer.write('one more thing');
  p.peer.end();
  await until(() => p.listener.told.length === 2, 'end and close');
  expect([p.listener.text, ...p.listener.told]).toEqual(['one more thing', 'end', 'ended']);
});

test.each(['data', 'onread'] as const)('%s: a reset is told once, and nothing after it', async (kind) => {
  await using p = await pair(kind, 'x');
  p.channel.listen(p.listener);
  await until(() => p.listener.text === 'x', 'the early byte');
  p.peer.reset();
  await until(() => p.listener.told.length > 0, 'the close');
  expect(p.channel.write(Buffer.from('nobody'))).toBe(true);
  p.channel.end();
  p.channel.destroy();
  p.channel.resume();
  await turn();
  expect(p.listener.told).toEqual(['broken']);
});

test('a reset before listen is told after it, and after what had come', async () => {
  await using p = await pair('data', 'lost');
  p.channel.resume();
  p.socket.resume(); // so that it is seen
  p.peer.reset();
  await new Promise((closed) => p.socket.once('close', closed));
  p.channel.listen(p.listener);
  expect(p.listener.told).toEqual([]);
  await turn();
  expect([p.listener.text, ...p.listener.told]).toEqual(['lost', 'broken']);
});

test('destroy resets the connection, and is told as a break', async () => {
  await using p = await pair('data');
  p.channel.listen(p.listener);
  await turn();
  p.channel.destroy();
  expect(p.listener.told).toEqual([]);
  await p.peer.closed;
  expect(p.peer.errorCode).toBe('ECONNRESET');
  await until(() => p.listener.told.length > 0, 'the close');
  expect(p.listener.told).toEqual(['broken']);
});

test.each(['data', 'onread'] as const)('%s: while it is paused nothing comes, the end included', async (kind) => {
  await using p = await pair(kind, 'early');
  p.channel.listen(p.listener);
  p.channel.pause();
  p.peer.write('late');
  p.peer.end();
  for (let i = 0; i < 5; i++) await turn();
  expect([p.listener.text, ...p.listener.told]).toEqual(['']);
  p.channel.resume();
  await until(() => p.listener.told.length === 1, 'the end');
  expect([p.listener.text, ...p.listener.told]).toEqual(['earlylate', 'end']);
});

test.each(['data', 'onread'] as const)('%s: back-pressure both ways, and not a byte is lost', async (kind) => {
  await using p = await pair(kind);
  const chunk = Buffer.alloc(50_000, 'a');
  // Out: the peer does not read.
  p.peer.socket.pause();
  p.channel.listen(p.listener);
  let sent = 0;
  for (let more = true; more && sent < 2000; sent++) more = p.channel.write(chunk);
  expect(sent).toBeLessThan(2000);
  p.peer.socket.resume();
  await until(() => p.listener.told.includes('drain'), 'a drain');
  await until(() => p.peer.unreadBytes === sent * chunk.length, 'all of it');
  // In: the channel is paused, so the peer's socket fills.
  p.channel.pause();
  let written = 0;
  while (p.peer.socket.write(chunk) && written < 2000) written += 1;
  for (let i = 0; i < 20; i++) await turn();
  expect([p.listener.text.length, p.peer.socket.writableLength > 0]).toEqual([0, true]);
  p.channel.resume();
  await until(() => p.listener.text.length === (written + 1) * chunk.length, 'all of it');
});
