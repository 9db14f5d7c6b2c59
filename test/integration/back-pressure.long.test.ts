/** Bodies of any size pass through bounded memory. The gateway runs in a process of its own, so that its memory is its own. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { header, readHead, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

vi.setConfig({ testTimeout: 40_000 }); // processes are started, and much is sent

const MIB = 1024 * 1024;
const MAX_GROWTH_BYTES = 64 * MIB;
const TOO_MANY_BYTES = 200 * MIB;

/** Writes zeros for as long as the other end takes them, `bytes` at most; `written` is what has left this process. */
function pour(socket: Socket, bytes: number): { readonly written: number } {
  const piece = Buffer.alloc(256 * 1024);
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      const now = Math.min(left, piece.length);
      left -= now;
      if (!socket.write(piece.subarray(0, now))) return void socket.once('drain', more);
    }
  };
  more();
  return {
    get written() {
      return bytes - left - socket.writableLength;
    },
  };
}

/** Waits until nothing has moved for a while: everybody on the way has been stopped. */
async function standstill(flow: { readonly written: number }): Promise<number> {
  let before = -1;
  for (;;) {
    if (flow.written === before) return before;
    before = flow.written;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

async function warmedUp(gateway: GatewayProcess): Promise<number> {
  for (let i = 0; i < 20; i++) await exchangeRaw(gateway.port, ['GET /warm-up HTTP/1.1', 'Host: x']).catch(() => undefined);
  return gateway.rssBytes();
}

test('an answer that its client does not read stops the upstream, and memory stays as it is', async () => {
  let flow: { readonly written: number } | undefined;
  await using origin = await startRawOrigin(async (c) => {
    const { startLine } = await readHead(c);
    if (startLine.includes('warm-up')) return c.end();
    c.write(`HTTP/1.1 200 OK\r\nContent-Length: ${TOO_MANY_BYTES}\r\n\r\n`);
    flow = pour(c.socket, TOO_MANY_BYTES);
  });
  await using gateway = await startGatewayProcess({ upstream: origin.port });
  const before = await warmedUp(gateway);
  const c = await connectRaw(gateway.port);
  c.socket.pause();
  sendRequest(c, ['GET /large HTTP/1.1', 'Host: x']);
  const written = await standstill(await until(() => flow, 'the answer to begin'));
  expect(written).toBeLessThan(32 * MIB); // what two connections' system buffers hold
  expect((await gateway.rssBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);
  c.reset();
  await until(() => origin.connections.at(-1)?.ended, 'the upstream to hear of it');
});

test('an upload that its upstream does not read stops the client, and memory stays as it is', async () => {
  await using origin = await startRawOrigin(async (c) => {
    const { startLine } = await readHead(c);
    if (startLine.includes('warm-up')) return c.end();
    c.socket.pause();
  });
  await using gateway = await startGatewayProcess({ upstream: origin.port });
  const before = await warmedUp(gateway);
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST /large HTTP/1.1', 'Host: x', `Content-Length: ${TOO_MANY_BYTES}`]);
  const written = await standstill(pour(c.socket, TOO_MANY_BYTES));
  expect(written).toBeLessThan(32 * MIB);
  expect((await gateway.rssBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);
  // Nobody can see a client leave whose socket is not read (Node hears of neither FIN nor RST then): the upstream's end frees both.
  c.reset();
  origin.connections.at(-1)?.reset();
  const line = await gateway.log.one(({ path }) => path === '/large');
  expect(line.request_bytes).toBeLessThan(32 * MIB);
});

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

const PIECE = Buffer.from(`${Array.from({ length: 20_000 }, (_, i) => i * 7919).join(',')},`);

/** Sends the piece so many times, and reads as much again; gives both digests. */
async function roundTrip(port: number, pieces: number): Promise<{ readonly sent: string; readonly received: string }> {
  const bytes = PIECE.length * pieces;
  const [sent, received] = [createHash('sha256'), createHash('sha256')];
  const socket = connect(port, '127.0.0.1');
  let left: number | undefined; // bytes of the body still to come, once the head is here
  const done = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      const body = left === undefined ? chunk.subarray(chunk.indexOf('\r\n\r\n') + 4) : chunk;
      left = (left ?? bytes) - body.length;
      received.update(body);
      if (left === 0) resolve();
    });
  });
  socket.write(`POST /large HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`);
  for (let i = 0; i < pieces; i++) {
    sent.update(PIECE);
    if (!socket.write(PIECE)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  await done;
  socket.destroy();
  return { sent: sent.digest('hex'), received: received.digest('hex') };
}

test('in report mode 100 MiB of JSON pass each way byte by byte, and nothing is held', async () => {
  // The origin sends back what it gets, as it gets it.
  await using origin = await startRawOrigin(async (c) => {
    const { headers } = await readHead(c);
    const length = header(headers, 'content-length');
    c.write(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`);
    c.write(await c.read(c.unreadBytes));
    c.socket.removeAllListeners('data');
    c.socket.pipe(c.socket);
  });
  await using gateway = await startGatewayProcess({ upstream: origin.port, openapi });
  // Any work makes the young generation grow to its 32 MB (bin/plumbline.js); what is asked is whether bodies do.
  await roundTrip(gateway.port, Math.ceil((20 * MIB) / PIECE.length));
  const before = await gateway.rssBytes();
  let peak = before;
  const watch = setInterval(() => void gateway.rssBytes().then((rss) => (peak = Math.max(peak, rss))), 100);
  const pieces = Math.ceil((100 * MIB) / PIECE.length);
  const { sent, received } = await roundTrip(gateway.port, pieces).finally(() => clearInterval(watch));
  expect(received).toBe(sent);
  expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  const bytes = pieces * PIECE.length;
  const [, line] = await gateway.log.wait(2);
  expect(line).toMatchObject({ status: 200, request_bytes: bytes, response_bytes: bytes, violations: 0, flags: [] });
});

test('an answer is taken up again where it was stopped, and nothing of it is lost', async () => {
  const bytes = 10 * MIB;
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
    pour(c.socket, bytes);
  });
  await using gateway = await startGatewayProcess({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
  const stopAndGo = setInterval(() => (c.socket.isPaused() ? c.socket.resume() : c.socket.pause()), 3);
  const answer = await readResponse(c).finally(() => clearInterval(stopAndGo));
  expect(answer.body.length).toBe(bytes);
  c.destroy();
});
