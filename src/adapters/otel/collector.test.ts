import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { type Collector, httpCollector } from './collector.ts';

const opened: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Got {
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

/** A server on a free port; `answer` is called when a request is wholly here. */
async function receiver(answer: (response: ServerResponse, count: number) => void, hostname = '127.0.0.1') {
  const got: Got[] = [];
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ request, body: Buffer.concat(chunks) });
      answer(response, got.length);
    });
  });
  server.on('connection', (socket: Socket) => void sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clock = new FakeClock();
  const url = new URL(`http://${hostname}:${port}/base/v1/traces`);
  const collector = await httpCollector({ url, timers: clock, userAgent: 'plumbline/0.1.0', timeoutMs: 10_000 });
  opened.push(() => {
    collector.close();
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { got, sockets, clock, collector, port };
}

/** Resolves when a connection is over, also by a reset. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}

const ok = (response: ServerResponse): void => void response.end('{}');

it('posts JSON on one kept connection, and tells what came', async () => {
  const { got, sockets, collector, clock } = await receiver((response, count) => {
    response.writeHead(count === 1 ? 200 : 503, { 'Retry-After': '3' });
    response.end('{"partialSuccess":{}}');
  });
  expect(await collector.post('{"a":"ü"}')).toEqual({ status: 200, retryAfter: '3', body: '{"partialSuccess":{}}' });
  expect(await collector.post('{}')).toEqual({ status: 503, retryAfter: '3', body: '{"partialSuccess":{}}' });
  const [{ request, body }] = got as [Got];
  expect([request.method, request.url, body.toString()]).toEqual(['POST', '/base/v1/traces', '{"a":"ü"}']);
  expect(request.headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': '10',
    'user-agent': 'plumbline/0.1.0',
    host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
  expect(request.headers['content-encoding']).toBeUndefined();
  expect([sockets.length, clock.pending]).toEqual([1, 0]);
});

it('compresses what leaves the machine', async () => {
  // Any name that is not plainly of this machine counts as elsewhere; this one reaches the loopback all the same.
  const { got, collector } = await receiver(ok, '0.0.0.0');
  const body = JSON.stringify(Array.from({ length: 500 }, () => 'the same again'));
  expect(await collector.post(body)).toMatchObject({ status: 200 });
  const [{ request, body: sent }] = got as [Got];
  expect(request.headers['content-encoding']).toBe('gzip');
  expect(sent.byteLength).toBeLessThan(body.length / 10);
  expect(gunzipSync(sent).toString()).toBe(body);
});

it('a collector that is not there is an answer like another', async () => {
  const { collector, port } = await receiver(ok);
  expect(await collector.post('{}')).toMatchObject({ status: 200 });
  await opened.pop()?.();
  const gone = await httpCollector({ url: new URL(`http://127.0.0.1:${port}/v1/traces`), timers: new FakeClock(), userAgent: '' });
  expect(await gone.post('{}')).toEqual({ failed: 'ECONNREFUSED' });
});

it('gives up an answer that does not come', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { clock, collector } = await receiver(() => resolve());
  const reply = collector.post('{}');
  await asked;
  clock.advance(10_000);
  expect(await reply).toEqual({ failed: 'no answer within 10000 ms' });
});

it('gives up an answer whose body does not end', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { clock, collector, sockets } = await receiver((response) => {
    response.write('{');
    resolve();
  });
  const reply = collector.post('{}');
  await asked;
  const closed = closing(sockets[0] as Socket);
  clock.advance(10_000);
  expect(await reply).toEqual({ failed: 'no answer within 10000 ms' });
  await closed;
});

it('reads no more of an answer than 64 KiB, and breaks the connection of one that goes on', async () => {
  let pieces = 0;
  const { collector, sockets } = await receiver((response) => {
    const piece = Buffer.alloc(16 * 1024, 'x');
    const more = (): void => {
      while (!response.destroyed && response.write(piece)) pieces += 1;
    };
    response.on('drain', more);
    more();
  });
  expect(await collector.post('{}')).toEqual({ status: 200, retryAfter: undefined, body: undefined });
  await closing(sockets[0] as Socket);
  expect(pieces).toBeLessThan(10_000);
});

it.each([
  ['in mid-answer', (response: ServerResponse) => void response.write('{', () => response.socket?.resetAndDestroy())],
  ['before it', (response: ServerResponse) => void response.socket?.resetAndDestroy()],
])('a first connection that is reset %s is no answer', async (_what, reset) => {
  const { collector, clock } = await receiver(reset);
  expect(await collector.post('{}')).toMatchObject({ failed: expect.any(String) });
  expect(clock.pending).toBe(0);
});

it('a kept connection that had gone stale costs nothing', async () => {
  const { collector, got, sockets } = await receiver((response, count) => {
    if (count === 2) response.socket?.resetAndDestroy();
    else ok(response);
  });
  expect(await collector.post('1')).toMatchObject({ status: 200 });
  expect(await collector.post('2')).toMatchObject({ status: 200 });
  expect([got.map(({ body }) => body.toString()), sockets.length]).toEqual([['1', '2', '2'], 2]);
});

it('what is no HTTP is no answer', async () => {
  const { collector } = await receiver((response) => void response.socket?.end('SSH-2.0-hello\r\n'));
  expect(await collector.post('{}')).toEqual({ failed: expect.stringMatching(/^HPE_/) });
});

it('once closed gives up what is on its way, and everything after', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { collector, got } = await receiver(() => resolve());
  const reply = collector.post('1');
  await asked;
  collector.close();
  const given = { failed: 'given up at the end of the process' };
  expect([await reply, await collector.post('2'), got.length]).toEqual([given, given, 1]);
});

it('rejects nothing, whatever the address', async () => {
  const nowhere: Collector = await httpCollector({ url: new URL('https://127.0.0.1:1/v1/traces'), timers: new FakeClock(), userAgent: '' });
  expect(await nowhere.post('{}')).toEqual({ failed: 'ECONNREFUSED' });
});
