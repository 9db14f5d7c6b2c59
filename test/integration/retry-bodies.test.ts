/** RT-5 and EV-1 over real sockets: which bodies are sent again, whole and in their order. */
import { expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const NOT = 'HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\nnot';
const PUT = ['PUT / HTTP/1.1', 'Host: x'];
const KEPT = 65_536;

const retry = (block: object = {}) => ({ route: { policies: { retry: block } } });
const suppressed = async (gateway: TestGateway, reason: string): Promise<number> => {
  await gateway.idle();
  return (await gateway.metrics()).value('plumbline_retries_suppressed_total', { reason });
};
/** Bytes of which no two places look alike. */
const bytes = (count: number): Buffer =>
  Buffer.from(Array.from({ length: Math.ceil(count / 8) }, (_, i) => `${i}-------`.slice(0, 8)).join('')).subarray(0, count);
const chunk = (body: Uint8Array): Buffer => Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);

/** Reads each request whole and answers 503, the last one with 200. */
async function startSecondTime(times = 2) {
  const bodies: Buffer[] = [];
  const framings: string[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { body, framing } = await readRequest(c);
      bodies.push(body);
      framings.push(framing);
      c.write(bodies.length < times ? NOT : OK);
    }
  });
  return { origin, bodies, framings };
}

test.each([
  ['a length', 10, 'length', {}],
  ['a length', KEPT, 'length', {}],
  ['chunks', 10, 'chunked', {}],
  ['chunks', KEPT, 'chunked', {}],
  ['a length', 200_000, 'length', { keepBytes: '256KiB' }],
  ['chunks', 200_000, 'chunked', { keepBytes: '256KiB' }],
])('RT-5: a body with %s of %d bytes is sent again as it came', async (_, count, framing, block) => {
  const { origin, bodies, framings } = await startSecondTime(3);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3, ...block }) });
  const body = bytes(count);
  const [field, sent] =
    framing === 'length'
      ? [`Content-Length: ${count}`, body]
      : ['Transfer-Encoding: chunked', Buffer.concat([chunk(body.subarray(0, 7)), chunk(body.subarray(7)), Buffer.from('0\r\n\r\n')])];
  expect(await exchangeRaw(gateway.port, [...PUT, field], sent)).toMatchObject({ status: 200 });
  expect(bodies.map((one) => one.equals(body))).toEqual([true, true, true]);
  expect(framings).toEqual([framing, framing, framing]);
  expect((await gateway.metrics()).value('plumbline_buffered_bytes')).toBe(0);
});

test.each([
  ['a length', KEPT + 1, {}],
  ['chunks', KEPT + 1, {}],
  ['a length', 11, { keepBytes: 10 }],
  ['a length', 1, { keepBytes: 0 }],
])('RT-5: a body with %s of %d bytes is more than is kept', async (how, count, block) => {
  const { origin, bodies } = await startSecondTime();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry(block) });
  const body = bytes(count);
  const [field, sent] =
    how === 'chunks'
      ? ['Transfer-Encoding: chunked', Buffer.concat([chunk(body), Buffer.from('0\r\n\r\n')])]
      : [`Content-Length: ${count}`, body];
  expect(await exchangeRaw(gateway.port, [...PUT, field], sent)).toMatchObject({ status: 503 });
  expect(bodies).toHaveLength(1);
  expect(await suppressed(gateway, 'body_too_large')).toBe(1);
});

test('RT-5: a body that is still arriving is sent again from its first byte, and goes on live', async () => {
  let second: Promise<Buffer> | undefined;
  const origin = await startRawOrigin(async (c, index) => {
    if (index === 0) {
      await c.readUntil('first');
      return c.reset();
    }
    const request = readRequest(c);
    second = request.then(({ body }) => body);
    await request;
    c.write(OK);
  });
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [...PUT, 'Transfer-Encoding: chunked'], chunk(Buffer.from('first ')));
  await until(() => second !== undefined, 'the second try');
  c.write(chunk(Buffer.from('second ')));
  c.write(Buffer.concat([chunk(Buffer.from('third')), Buffer.from('0\r\n\r\n')]));
  expect((await readResponse(c)).status).toBe(200);
  expect((await second)?.toString()).toBe('first second third');
  c.destroy();
  expect(origin.errors).toEqual([]);
});

test('RT-5: what arrives in a pause is not lost, though it is more than is kept', async () => {
  const origin = await startRawOrigin(async (c, index) => {
    if (index === 0) {
      await c.readUntil('first');
      return c.reset();
    }
    const { body } = await readRequest(c);
    c.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    c.write(body);
  });
  await using _origin = origin;
  const block = { backoff: { base: '200ms', max: '200ms' } };
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry(block) });
  const c = await connectRaw(gateway.port);
  const rest = bytes(300_000);
  sendRequest(c, [...PUT, 'Transfer-Encoding: chunked'], chunk(Buffer.from('first ')));
  await origin.connections[0]?.closed;
  await until(() => origin.connections[0]?.ended, 'the first try to end');
  c.write(Buffer.concat([chunk(rest), Buffer.from('0\r\n\r\n')]));
  const answer = await readResponse(c);
  expect([answer.status, answer.body.equals(Buffer.concat([Buffer.from('first '), rest]))]).toEqual([200, true]);
  c.destroy();
});

test('EV-1: an answer that came while the body was arriving is the last word (RT-5)', async () => {
  let tries = 0;
  const origin = await startRawOrigin(async (c) => {
    await readHead(c);
    tries += 1;
    c.write(NOT);
  });
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3 }) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [...PUT, 'Transfer-Encoding: chunked'], chunk(Buffer.from('some')));
  expect((await readResponse(c)).status).toBe(503);
  c.destroy();
  expect(tries).toBe(1);
  expect(await suppressed(gateway, 'body_too_large')).toBe(1);
});

test('DL-6: an upload that is late is not asked for again', async () => {
  let tries = 0;
  const origin = await startRawOrigin(async (c) => {
    await readHead(c);
    tries += 1;
  });
  await using _origin = origin;
  const policies = { retry: { attempts: 3 }, deadline: { total: '200ms' } };
  await using gateway = await startTestGateway({ upstream: origin.port, route: { policies } });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [...PUT, 'Transfer-Encoding: chunked'], chunk(Buffer.from('some')));
  const answer = await readResponse(c);
  expect([answer.status, (JSON.parse(answer.body.toString()) as { code: string }).code, tries]).toEqual([408, 'REQUEST_TIMEOUT', 1]);
  c.destroy();
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_retries_suppressed_total')).toBe(0);
});
