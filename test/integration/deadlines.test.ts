import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, type RawResponse, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { elapsedMs, median, pass, SLACK_MS } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];
const DEADLINE_MS = 300;

const errorCode = ({ body }: RawResponse): unknown => (JSON.parse(body.toString()) as { code: string }).code;
const deadline = (block: object) => ({ route: { policies: { deadline: block } } });
/** Takes requests and never answers. */
const startSilent = () => startRawOrigin(async (c) => void (await readHead(c)));

test.each([
  ['total', { total: '300ms' }, []],
  ['attempt', { attempt: '300ms' }, []],
  ["a trusted caller's", { total: '20s' }, ['X-Request-Timeout-Ms: 300']],
])('a deadline of 300 ms (%s) is a 504 after 290 to 350 ms, and the upstream is told within 100 ms', async (_, block, fields) => {
  const heads = new Map<string, RawConnection>();
  await using origin = await startRawOrigin(async (c) => void heads.set((await readHead(c)).startLine, c));
  await using gateway = await startTestGateway({ upstream: origin.port, ...deadline(block) });
  const tookMs: number[] = [];
  const abortMs: number[] = [];
  for (const target of ['/warm-up', '/1', '/2', '/3', '/4', '/5']) {
    // What a timer of the same length and a refusal take together: how late the machine itself is just now.
    const machine = elapsedMs(async () => pass(DEADLINE_MS).then(() => exchangeRaw(gateway.port, ['GET / HTTP/1.1'])));
    const from = performance.now();
    const answer = await exchangeRaw(gateway.port, [`GET ${target} HTTP/1.1`, 'Host: x', ...fields]);
    const answeredMs = performance.now() - from;
    expect([answer.status, errorCode(answer)]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    expect(answeredMs).toBeGreaterThan(DEADLINE_MS - 10);
    await heads.get(`GET ${target} HTTP/1.1`)?.peerDone;
    abortMs.push(performance.now() - from - answeredMs);
    tookMs.push(answeredMs - ((await machine) - DEADLINE_MS));
  }
  expect(median(tookMs.slice(1))).toBeLessThan(350 + SLACK_MS);
  expect(median(abortMs.slice(1))).toBeLessThan(100 + SLACK_MS);
  expect(heads.size).toBe(6);
});

test('what is left of the deadline is told to the upstream, less a margin', async () => {
  const told: number[] = [];
  await using origin = await startRawOrigin(async (c) => {
    const { headers } = await readRequest(c);
    told.push(Number(header(headers, 'x-request-timeout-ms')));
    c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...deadline({ total: '20s' }) });
  await exchangeRaw(gateway.port, GET);
  await exchangeRaw(gateway.port, [...GET, 'X-Request-Timeout-Ms: 5000']);
  expect(told[0]).toBeGreaterThan(15_000);
  expect(told[0]).toBeLessThanOrEqual(19_600);
  expect(told[1]).toBeGreaterThan(2000);
  expect(told[1]).toBeLessThanOrEqual(4900);
});

test('a deadline that is as good as over is a 504 without a try', async () => {
  await using origin = await startSilent();
  const openapi = {
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: { '/': { get: { responses: { 200: { description: 'ok', content: { 'application/json': {} } } } } } },
  };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi });
  const answer = await exchangeRaw(gateway.port, [...GET, 'X-Request-Timeout-Ms: 5']);
  expect([answer.status, errorCode(answer)]).toEqual([504, 'DEADLINE_EXHAUSTED']);
  expect(origin.connections).toHaveLength(0);
  expect(await gateway.log.one()).toMatchObject({ attempts: 0, code: 'DEADLINE_EXHAUSTED' });
  // The contract was never come to, and is asked for nothing.
  expect((await gateway.metrics()).value('plumbline_internal_errors_total')).toBe(0);
});

test.each([
  ['collected', 'Content-Length: 1000', 'some', 0],
  ['streamed', 'Content-Length: 100000', 'some', 1],
  ['chunked', 'Transfer-Encoding: chunked', '4\r\nsome\r\n', 1],
])('DL-6: an upload (%s) that has not arrived when the deadline falls due is a 408', async (_, framing, body, tries) => {
  await using origin = await startSilent();
  await using gateway = await startTestGateway({ upstream: origin.port, ...deadline({ total: '200ms' }) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', framing], body);
  const answer = await readResponse(c);
  expect([answer.status, errorCode(answer)]).toEqual([408, 'REQUEST_TIMEOUT']);
  c.destroy();
  await gateway.idle();
  expect(await gateway.log.one()).toMatchObject({ status: 408, attempts: tries });
  for (const upstream of origin.connections) await upstream.peerDone;
  expect((await gateway.metrics()).value('plumbline_timeouts_total', { phase: 'body' })).toBe(1);
});

test('DL-2: once the head is forwarded the deadline has nothing more to say', async () => {
  let finish: () => void = () => undefined;
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsome');
    finish = () => c.write('more');
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...deadline({ total: '100ms', attempt: '100ms' }) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  const from = performance.now();
  await c.readUntil('some');
  await until(() => performance.now() - from > 250, 'the deadline to pass');
  finish();
  expect((await c.read(4)).toString()).toBe('more');
  c.destroy();
});

test('DL-5: the attempt timeout starts when the upload has been sent', async () => {
  await using origin = await startRawOrigin(async (c) => {
    const { body } = await readRequest(c);
    c.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    c.write(body);
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...deadline({ attempt: '150ms' }) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 100000'], Buffer.alloc(50_000));
  const from = performance.now();
  await until(() => performance.now() - from > 400, 'more than the timeout to pass');
  c.write(Buffer.alloc(50_000));
  expect((await readResponse(c)).status).toBe(200);
  c.destroy();
});

test('DL-6: an upload that the upstream does not read is not the caller’s fault: 504, and the breaker counts it', async () => {
  await using origin = await startRawOrigin((c) => void c.socket.pause());
  const policies = { deadline: { total: '900ms' }, circuitBreaker: { minCalls: 1 } };
  await using gateway = await startTestGateway({ upstream: origin.port, route: { policies } });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 50000000'], Buffer.alloc(20_000_000));
  const answer = await readResponse(c);
  expect([answer.status, errorCode(answer)]).toEqual([504, 'UPSTREAM_TIMEOUT']);
  c.destroy();
  await gateway.idle();
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_timeouts_total', { phase: 'total' })).toBe(1);
  expect(metrics.value('plumbline_circuit_transitions_total', { to: 'open' })).toBe(1);
});

test.each([
  ['waits for its 100', ['Content-Length: 100000', 'Expect: 100-continue'], ''],
  ['is here, and not read yet', ['Content-Length: 100000'], 'x'.repeat(100_000)],
])('DL-6: an upload in a queue of ours that %s is not the caller’s fault: 504 DEADLINE_EXHAUSTED', async (_, fields, body) => {
  await using origin = await startSilent();
  const policies = { deadline: {}, concurrency: { limit: 1, queueTimeout: '10s' } };
  await using gateway = await startTestGateway({ upstream: origin.port, route: { policies } });
  const first = await connectRaw(gateway.port);
  sendRequest(first, GET);
  await until(() => origin.connections.length === 1, 'the only place to be taken');
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'X-Request-Timeout-Ms: 200', ...fields], body);
  const answer = await readResponse(c);
  expect([answer.status, errorCode(answer)]).toEqual([504, 'DEADLINE_EXHAUSTED']);
  c.destroy();
  first.destroy();
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_timeouts_total', { phase: 'exhausted' })).toBe(1);
});
