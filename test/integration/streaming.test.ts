/** What comes in pieces goes on in pieces, at once. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { median, SLACK_MS } from '../kit/timing.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];
const AT_ONCE_MS = 50;

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

async function* counted(items: number): AsyncGenerator<number> {
  for (let i = 0; i < items; i++) {
    yield i;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test.each([
  ['text/event-stream', (i: number) => `id: ${i}\ndata: {"n":${i}}\n\n`],
  ['application/x-ndjson', (i: number) => `{"n":${i}}\n`],
  ['application/json', (i: number) => `${i},`],
])('each piece of a %s is here within 50 ms, before the next one is sent', async (type, piece) => {
  let upstream: RawConnection | undefined;
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    upstream = c;
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  const { headers } = await readHead(c); // before there is any piece
  expect(header(headers, 'content-type')).toBe(type);
  const tookMs: number[] = [];
  for await (const i of counted(20)) {
    const sentAt = performance.now();
    upstream?.write(chunk(piece(i)));
    await c.readUntil(piece(i));
    tookMs.push(performance.now() - sentAt);
  }
  expect(median(tookMs)).toBeLessThan(AT_ONCE_MS + SLACK_MS);
  upstream?.write('0\r\n\r\n');
  await c.readUntil('0\r\n\r\n');
  c.destroy();
});

test('each piece of an upload is at the upstream before the next one is sent', async () => {
  let upstream: RawConnection | undefined;
  await using origin = await startRawOrigin((c) => {
    upstream = c;
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked']);
  c.write(chunk('piece 0;'));
  while (upstream === undefined) await new Promise((resolve) => setImmediate(resolve));
  for await (const i of counted(20)) {
    await upstream.readUntil(`piece ${i};`);
    c.write(chunk(`piece ${i + 1};`));
  }
  c.destroy();
  expect(upstream.ended).toBe(false);
});

test('heads and bodies that drip byte by byte arrive whole, both ways', async () => {
  const drip = async (c: RawConnection, text: string): Promise<void> => {
    for (const byte of text) {
      c.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  let received = '';
  await using origin = await startRawOrigin(async (c) => {
    const request = await readRequest(c);
    received = `${request.startLine} ${header(request.headers, 'x-drip')} ${request.body}`;
    await drip(c, 'HTTP/1.1 201 Created\r\nX-Drip: yes\r\nContent-Length: 6\r\n\r\nanswer');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  await drip(
    c,
    `POST /p?q HTTP/1.1\r\nHost: x\r\nX-Drip: no\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('que')}${chunk('stion')}0\r\n\r\n`,
  );
  const answer = await readResponse(c);
  expect([received, answer.status, answer.body.toString()]).toEqual(['POST /p?q HTTP/1.1 no question', 201, 'answer']);
  c.destroy();
});

test('a thousand chunks of all sizes arrive in order', async () => {
  const pieces = Array.from({ length: 1000 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(1 + ((i * 37) % 500)));
  await using origin = await startRawOrigin(async (c) => {
    const { body } = await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    expect(body.toString()).toBe(pieces.join(''));
    for (const piece of pieces) c.write(chunk(piece));
    c.write('0\r\n\r\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const sent = `${pieces.map(chunk).join('')}0\r\n\r\n`;
  const answer = await exchangeRaw(gateway.port, ['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked'], sent);
  expect(answer.body.toString()).toBe(pieces.join(''));
  expect(origin.errors).toEqual([]);
  await gateway.idle();
  const total = pieces.join('').length;
  expect(await gateway.log.one()).toMatchObject({ request_bytes: total, response_bytes: total });
});

test('a stream that falls silent for longer than its idle limit is cut', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('some')}`);
  });
  await using gateway = await startTestGateway({ upstream: origin.port, route: { policies: { deadline: { idle: '150ms' } } } });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await c.readUntil('some');
  const from = performance.now();
  expect((await c.readToEnd()).toString()).toBe('\r\n');
  expect(performance.now() - from).toBeGreaterThan(100);
  await origin.connections[0]?.peerDone;
  expect(await gateway.log.one()).toMatchObject({ status: 200, flags: ['idle', 'cut'] });
});
