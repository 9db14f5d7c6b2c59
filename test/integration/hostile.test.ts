/** Whatever comes, the gateway answers it or lets it go, and goes on serving everybody else. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { readRequest, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { SLACK_MS } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];

/** Says that the gateway serves, and soon. */
async function expectServing(gateway: TestGateway): Promise<void> {
  const from = performance.now();
  expect((await exchangeRaw(gateway.port, GET)).status).toBe(200);
  expect(performance.now() - from).toBeLessThan(3000 + SLACK_MS);
}

/** The same bytes in every run. */
function bytesOf(seed: number, length: number): Buffer {
  let state = seed * 2654435761 + 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

async function connectMany(port: number, count: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => connectRaw(port)));
}

test.each([
  ['10,000 fields', Array.from({ length: 10_000 }, (_, i) => `X-${i}: ${i}`)],
  ['one field of 64 KiB', [`X-Large: ${'x'.repeat(65_536)}`]],
  ['fields without end', [`X-Large: ${'x'.repeat(2_000_000)}`]],
])('a head of %s is a 431 that arrives whole, though the client sends on', async (_, fields) => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (let round = 0; round < 10; round++) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, [...GET, ...fields]);
    const answer = await readResponse(c);
    expect([answer.status, JSON.parse(answer.body.toString())['code']]).toEqual([431, 'HEADERS_TOO_LARGE']);
    await c.peerDone;
    c.destroy();
  }
  await expectServing(gateway);
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_requests_total', { code: 'HEADERS_TOO_LARGE' })).toBe(10);
});

test('990 fields arrive, odd names among them; 1,000 are too many, however small (Node counts them)', async () => {
  let seen: readonly string[] = [];
  await using origin = await startRawOrigin(async (c) => {
    seen = (await readRequest(c)).headers;
    c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxHeaderBytes: '1MiB' } });
  const odd = ['__proto__: 1', 'constructor: 2', 'toString: 3', 'hasOwnProperty: 4', '!#$%&*+.^_`|~: 5'];
  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `x-${i}: ${i}`);
  expect((await exchangeRaw(gateway.port, [...GET, ...odd, ...many(985)])).status).toBe(200);
  for (const field of [...odd, 'x-984: 984']) {
    const [name, value] = field.split(': ') as [string, string];
    expect(seen[seen.indexOf(name) + 1]).toBe(value);
  }
  const tooMany = await exchangeRaw(gateway.port, [...GET, ...many(1000)]);
  expect([tooMany.status, JSON.parse(tooMany.body.toString())['code']]).toEqual([431, 'HEADERS_TOO_LARGE']);
});

test('300 connections that send noise', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const clients = await connectMany(gateway.port, 300);
  clients.forEach((c, i) => {
    c.write(i % 3 === 0 ? 'GET / HTTP/1.1\r\n' : '');
    c.write(bytesOf(i + 1, 10 + ((i * 97) % 4000)));
    if (i % 2 === 0) c.end();
  });
  await expectServing(gateway);
  for (const c of clients) c.destroy();
  await gateway.idle();
  await expectServing(gateway);
  expect((await gateway.metrics()).value('plumbline_internal_errors_total')).toBe(0);
});

test('500 connections that say nothing, and half a head each', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const clients = await connectMany(gateway.port, 500);
  clients.forEach((c, i) => c.write(i % 2 === 0 ? '' : 'GET / HTTP/1.1\r\nHost'));
  await expectServing(gateway);
  for (const c of clients) c.reset();
  await gateway.idle();
  await expectServing(gateway);
  // Nothing was asked, so nothing is told of.
  expect((await gateway.metrics()).value('plumbline_requests_total')).toBe(2);
});

test('100 clients that send their heads byte by byte are let go when the time for a head is over', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { headerTimeout: '300ms' } });
  const clients = await connectMany(gateway.port, 100);
  const dripping = setInterval(() => {
    for (const c of clients) if (!c.ended) c.write('X');
  }, 20);
  try {
    await until(() => clients.every((c) => c.ended), 'all to be let go', 4000);
  } finally {
    clearInterval(dripping);
  }
  await expectServing(gateway);
  for (const c of clients) c.destroy();
  await gateway.idle();
});

test('after a refusal nobody can keep a connection by sending on', async () => {
  await using gateway = await startTestGateway({ upstream: 9 });
  const [tunnel, noise] = [await connectRaw(gateway.port), await connectRaw(gateway.port)];
  tunnel.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n');
  noise.write('@@@\r\n\r\n');
  const closed = (c: RawConnection): boolean => c.socket.destroyed || c.errorCode !== undefined;
  const dripping = setInterval(() => {
    for (const c of [tunnel, noise]) if (!closed(c)) c.write('X');
  }, 20);
  try {
    await until(() => closed(tunnel) && closed(noise), 'both to be closed', 4000);
  } finally {
    clearInterval(dripping);
  }
  expect([tunnel.unreadBytes > 0, noise.unreadBytes > 0]).toEqual([true, true]);
});

test.each([
  ['no number', 'zz\r\n'],
  ['longer than its size', '3\r\nabcdef\r\n0\r\n\r\n'],
  ['beyond every size', 'ffffffffffffffffffff\r\nabc'],
])('a chunk that is %s ends both connections, and never the message', async (_, chunk) => {
  let heard = '';
  await using origin = await startRawOrigin(async (c) => {
    if ((await c.readUntil('\r\n\r\n')).toString().startsWith('GET')) return c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    heard = (await c.readToEnd()).toString();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked'], `4\r\ngood\r\n${chunk}`);
  expect((await c.readToEnd()).toString()).not.toContain(' 200 ');
  for (const upstream of origin.connections) await upstream.peerDone;
  expect(heard).not.toContain('0\r\n\r\n');
  c.destroy();
  await expectServing(gateway);
});

test('an upstream that sends interim answers without end, or fields without end, harms nobody else', async () => {
  await using origin = await startRawOrigin(async (c) => {
    const target = (await c.readUntil('\r\n\r\n')).toString().split(' ')[1];
    if (target === '/') return c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const flood = target === '/interim' ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(200) : 'X-Flood: 1\r\n'.repeat(500);
    if (target === '/fields') c.write('HTTP/1.1 200 OK\r\n');
    for (let i = 0; i < 500 && !c.ended && c.socket.writable; i++) {
      c.write(flood);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const interim = await connectRaw(gateway.port);
  sendRequest(interim, ['GET /interim HTTP/1.1', 'Host: x']);
  await interim.readUntil('103 Early Hints');
  interim.reset();
  const fields = await exchangeRaw(gateway.port, ['GET /fields HTTP/1.1', 'Host: x']);
  expect([fields.status, JSON.parse(fields.body.toString())['code']]).toEqual([502, 'UPSTREAM_BAD_FRAMING']);
  await expectServing(gateway);
  await gateway.idle();
});
