/** EV-8: a WebSocket whose reader has stopped stops its writer, at the other end of the gateway, and memory stays as it is. */
import type { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { Arrivals } from '../kit/arrivals.ts';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { pass } from '../kit/timing.ts';
import { acceptWebSocket, openWebSocket } from '../kit/websocket.ts';
import { pour, Repeated } from '../soak/flow.ts';
import { MIB } from '../soak/memory.ts';

vi.setConfig({ testTimeout: 60_000 }); // a process is started, and much is sent

const PIECE = Buffer.alloc(65_521, 'a WebSocket frame is no business of the gateway; ');
const TOO_MANY = Math.ceil((200 * MIB) / PIECE.length);
const MAX_GROWTH_BYTES = 64 * MIB;
/** What the buffers of the system hold of two connections. */
const SYSTEM_BYTES = 32 * MIB;

/** Waits until nothing has left for a while: everybody on the way has been stopped. Gives what has left. */
async function standstill(socket: Socket): Promise<number> {
  for (let before = -1; ; ) {
    const now = socket.bytesWritten - socket.writableLength;
    if (now === before) return now;
    before = now;
    await pass(400);
  }
}

test.each(['client', 'upstream'] as const)('200 MB wait for a %s that does not read', async (reader) => {
  const accepted = new Arrivals<RawConnection>();
  await using origin = await startRawOrigin(async (c) => {
    await acceptWebSocket(c);
    accepted.add(c);
  });
  await using gateway = await startGatewayProcess({ upstream: origin.port });
  const open = async (): Promise<{ reads: RawConnection; writes: RawConnection }> => {
    const { client } = await openWebSocket(gateway.port);
    const upstream = await accepted.next();
    return reader === 'client' ? { reads: client, writes: upstream } : { reads: upstream, writes: client };
  };

  const warm = await open();
  await Promise.all([pour(warm.writes.socket, PIECE, 128), warm.reads.read(128 * PIECE.length)]);
  warm.reads.reset();
  const before = await gateway.rssBytes();

  const { reads, writes } = await open();
  reads.socket.pause();
  const poured = pour(writes.socket, PIECE, TOO_MANY);
  expect(await standstill(writes.socket)).toBeLessThan(SYSTEM_BYTES);
  expect((await gateway.rssBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);
  // The other direction is not held up by it.
  reads.write('still here');
  expect((await writes.read(10)).toString()).toBe('still here');

  const all = new Repeated(PIECE, TOO_MANY);
  reads.socket.removeAllListeners('data').on('data', (chunk: Buffer) => all.take(chunk));
  reads.socket.resume();
  await Promise.all([poured, all.all]);
  expect((await gateway.rssBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);

  // Stopped once more, and then gone: the writer hears of it.
  reads.socket.pause();
  const more = pour(writes.socket, PIECE, TOO_MANY).catch(() => 'broken');
  await standstill(writes.socket);
  reads.reset();
  expect(await more).toBe('broken');
  expect((await gateway.log.wait(2)).map(({ flags }) => flags)).toEqual(
    Array.from({ length: 2 }, () => [reader === 'client' ? 'client-closed' : 'upstream-broken']),
  );
});

test('a client that resets while its upstream does not read is seen to be gone, and so is its upstream', async () => {
  const accepted = new Arrivals<RawConnection>();
  await using origin = await startRawOrigin(async (c) => {
    await acceptWebSocket(c);
    accepted.add(c);
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const { client } = await openWebSocket(gateway.port);
  const upstream = await accepted.next();
  upstream.socket.pause();
  const poured = pour(client.socket, PIECE, TOO_MANY).catch(() => 'broken');
  await standstill(client.socket);
  client.reset();
  expect(await poured).toBe('broken');
  await gateway.idle();
  expect(await gateway.log.one()).toMatchObject({ status: 499, code: 'CLIENT_CLOSED' });
  upstream.socket.resume();
  await upstream.closed;
});
