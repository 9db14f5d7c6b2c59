import { ChunkedDecoder } from '../../src/adapters/http1/wire/chunked-decoder.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { readHead } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { pour, Repeated } from './flow.ts';
import { type Growth, growthOf, MIB } from './memory.ts';

export type BodyFraming = 'length' | 'chunked';

/** Numbers as JSON has them, and no length that divides a buffer's. */
const PIECE = Buffer.from(`${Array.from({ length: 20_000 }, (_, i) => i * 7919).join(',')},`);
const CHUNK = Buffer.concat([Buffer.from(`${PIECE.length.toString(16)}\r\n`), PIECE, Buffer.from('\r\n')]);
const WARM_UP_BYTES = 8 * MIB;

const openapi = {
  openapi: '3.1.0',
  info: { title: 'Large bodies', version: '1.0.0' },
  paths: {
    '/large': {
      post: {
        operationId: 'large',
        requestBody: { content: { 'application/json': { schema: { type: 'array', items: { type: 'integer' } } } } },
        responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'array' } } } } },
      },
    },
  },
};

/** Bytes of JSON through a gateway in report mode, up and down at the same time. Rejects where a byte is lost or another. */
export async function soakBodies(bytesEachWay: number, framing: BodyFraming): Promise<Growth> {
  const origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n');
    // The gateway asks with the framing of its client; what comes is sent back as it comes, and so is how it ends.
    c.write(framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n\r\n' : `Content-Length: ${sizes.at(-1)}\r\n\r\n`);
    c.write(await c.read(c.unreadBytes));
    c.socket.removeAllListeners('data');
    c.socket.pipe(c.socket);
  });
  const sizes: number[] = [];
  const gateway = await startGatewayProcess({ upstream: origin.port, openapi });
  const roundTrip = async (bytes: number): Promise<void> => {
    const times = Math.ceil(bytes / PIECE.length);
    sizes.push(times * PIECE.length);
    const c = await connectRaw(gateway.port);
    const fields = framing === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${sizes.at(-1)}`;
    c.write(`POST /large HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${fields}\r\n\r\n`);
    const back = new Repeated(PIECE, times);
    const decoder = new ChunkedDecoder((chunk) => back.take(chunk), 1024);
    const take = (chunk: Buffer): void => void (framing === 'chunked' ? decoder.decode(chunk, 0) : back.take(chunk));
    c.socket.on('close', () => back.brokeOff('the answer broke off'));
    const sent = pour(c.socket, framing === 'chunked' ? CHUNK : PIECE, times);
    await readHead(c);
    take(await c.read(c.unreadBytes));
    c.socket.removeAllListeners('data');
    c.socket.on('data', take);
    await sent;
    if (framing === 'chunked') c.write('0\r\n\r\n');
    await back.all;
    c.destroy();
  };
  try {
    return await growthOf(
      gateway,
      () => roundTrip(WARM_UP_BYTES),
      () => roundTrip(bytesEachWay),
    );
  } finally {
    await gateway[Symbol.asyncDispose]();
    await origin.close();
  }
}
