import { randomBytes } from 'node:crypto';
import type { RawConnection } from '../kit/connection.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { acceptWebSocket, BINARY, frame, openWebSocket } from '../kit/websocket.ts';
import { pour, Repeated } from './flow.ts';
import { type Growth, growthOf, MIB } from './memory.ts';

const PAYLOAD = randomBytes(65_521);
const UP = frame(BINARY, PAYLOAD, 'client');
const DOWN = frame(BINARY, PAYLOAD, 'server');
const WARM_UP_BYTES = 8 * MIB;

/** Takes what comes on a connection, from what is here already on. */
async function takeAll(c: RawConnection, expected: Repeated): Promise<void> {
  c.socket.on('close', () => expected.brokeOff('the connection broke'));
  expected.take(await c.read(c.unreadBytes));
  c.socket.removeAllListeners('data');
  c.socket.on('data', (chunk: Buffer) => expected.take(chunk));
  await expected.all;
}

/** WebSocket frames through a gateway, both ways at the same time. Rejects where a byte is lost or another. */
export async function soakFrames(bytesEachWay: number): Promise<Growth> {
  const asked: number[] = [];
  const origin = await startRawOrigin(async (c) => {
    await acceptWebSocket(c);
    const times = asked.at(-1) as number;
    await Promise.all([pour(c.socket, DOWN, times), takeAll(c, new Repeated(UP, times))]);
    c.end();
  });
  const gateway = await startGatewayProcess({ upstream: origin.port });
  const exchange = async (bytes: number): Promise<void> => {
    const times = Math.ceil(bytes / PAYLOAD.length);
    asked.push(times);
    const { client } = await openWebSocket(gateway.port);
    await Promise.all([pour(client.socket, UP, times), takeAll(client, new Repeated(DOWN, times))]);
    client.end();
    await client.closed;
    if (origin.errors.length > 0) throw origin.errors[0];
  };
  try {
    return await growthOf(
      gateway,
      () => exchange(WARM_UP_BYTES),
      () => exchange(bytesEachWay),
    );
  } finally {
    await gateway[Symbol.asyncDispose]();
    await origin.close();
  }
}
