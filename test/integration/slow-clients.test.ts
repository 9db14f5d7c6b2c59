/** Clients that take their time: bounded where nothing is known of what they want (DL-4), and never cut in an honest transfer. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { elapsedMs, pass, SLACK_MS } from '../kit/timing.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];

test('heads that drip are refused with 408 when their time is over, one line and one count each, and nobody else is slowed down', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { headerTimeout: '300ms' } });
  const slow = await Promise.all(Array.from({ length: 50 }, () => connectRaw(gateway.port)));
  for (const c of slow) c.write('GET / HTTP/1.1\r\nX-Slow: ');
  const dripping = setInterval(() => {
    for (const c of slow) if (!c.ended) c.write('x');
  }, 20);
  const honest = await connectRaw(gateway.port);
  try {
    sendRequest(honest, GET);
    expect((await readResponse(honest)).status).toBe(200);
    const answers = await Promise.all(slow.map((c) => readResponse(c)));
    for (const { status, headers, body } of answers) {
      expect([status, header(headers, 'connection'), JSON.parse(body.toString())['code']]).toEqual([408, 'close', 'REQUEST_TIMEOUT']);
    }
  } finally {
    clearInterval(dripping);
  }
  for (const c of [...slow, honest]) c.destroy();
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_requests_total', { code: 'REQUEST_TIMEOUT', status_code: '408' })).toBe(50);
  expect((await gateway.log.wait(51)).filter(({ status }) => status === 408)).toHaveLength(50);
});

test('a connection on which nothing comes is ended when the time for a head is over, without a word', async () => {
  await using gateway = await startTestGateway({ upstream: 9, listener: { headerTimeout: '200ms' } });
  const from = performance.now();
  const c = await connectRaw(gateway.port);
  expect((await c.readToEnd()).length).toBe(0);
  const tookMs = performance.now() - from;
  expect(tookMs).toBeGreaterThanOrEqual(200);
  expect(tookMs).toBeLessThan(600 + SLACK_MS);
  expect((await gateway.metrics()).value('plumbline_requests_total')).toBe(0);
  c.destroy();
});

test('an idle connection is ended after `keepAlive`', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { keepAlive: '1s' } });
  const c = await connectRaw(gateway.port);
  const tookMs = await elapsedMs(async () => {
    sendRequest(c, GET);
    await readResponse(c);
    expect((await c.readToEnd()).length).toBe(0);
  });
  expect(tookMs).toBeGreaterThanOrEqual(1000);
  expect(tookMs).toBeLessThan(1600 + SLACK_MS);
  c.destroy();
});

test('neither an upload nor an answer is cut for being slow, however short the time for a head is', async () => {
  await using origin = await startRawOrigin(async (c) => {
    const { headers } = await readHead(c);
    const body = await c.read(Number(header(headers, 'content-length')));
    c.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    for (let i = 0; i < body.length; i += 10) {
      c.write(body.subarray(i, i + 10));
      await pass(20);
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { headerTimeout: '100ms', keepAlive: '1s' } });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 300']);
  for (let i = 0; i < 30; i++) {
    c.write('0123456789');
    await pass(20);
  }
  const answer = await readResponse(c);
  expect([answer.status, answer.body.toString()]).toEqual([200, '0123456789'.repeat(30)]);
  c.destroy();
});
