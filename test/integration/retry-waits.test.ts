/** RT-6 over real sockets: pauses, Retry-After, and what ends a pause. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { type RawRequest, type RawResponse, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { SLACK_MS } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = ['GET / HTTP/1.1', 'Host: x'];
const busy = (retryAfter: string, status = 503): string =>
  `HTTP/1.1 ${status} X\r\nRetry-After: ${retryAfter}\r\nContent-Length: 3\r\n\r\nnot`;
const NOT = 'HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\nnot';

const errorCode = ({ body }: RawResponse): unknown => (JSON.parse(body.toString()) as { code: string }).code;
const retry = (block: object = {}, more: object = {}) => ({ route: { policies: { retry: block, ...more } } });

/** Answers with one text after the other, the last one for all that come after it; empty: not at all. `at` is when each request came. */
async function startSaying(...texts: readonly [string, ...string[]]) {
  const requests: Array<RawRequest & { readonly at: number }> = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      requests.push(Object.assign(await readRequest(c), { at: performance.now() }));
      c.write(texts[Math.min(requests.length, texts.length) - 1] as string);
    }
  });
  return { origin, requests, gapMs: () => (requests[1]?.at ?? Number.NaN) - (requests[0]?.at ?? Number.NaN) };
}

test.each([503, 429])('RT-6: Retry-After: 1 of a %d is waited for', async (status) => {
  const { origin, gapMs } = await startSaying(busy('1', status), OK);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({}, { deadline: { total: '20s' } }) });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  expect(gapMs()).toBeGreaterThanOrEqual(995); // a timer of Node's may be a millisecond early by another clock
  expect(gapMs()).toBeLessThan(1300 + SLACK_MS);
});

test('RT-6: a pause is neither the upstream’s time nor the gateway’s', async () => {
  const { origin } = await startSaying(busy('1'), OK);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_gateway_overhead_seconds_sum')).toBeLessThan(0.5);
  expect((await gateway.log.one()).upstream_ms).toBeLessThan(500);
});

test('RT-6: a date is waited for too', async () => {
  const origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    const inTwoSeconds = Math.floor(Date.now() / 1000) * 1000 + 2000;
    c.write(busy(new Date(inTwoSeconds).toUTCString()));
    await readRequest(c);
    c.write(OK);
    expect(Date.now()).toBeGreaterThanOrEqual(inTwoSeconds - 5);
  });
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  expect(origin.errors).toEqual([]);
});

test.each([
  ['without a deadline', '3600', {}],
  ['with one', '5', { deadline: { total: '4s' } }],
])('RT-6: a Retry-After that nobody can wait for (%s) passes at once', async (_, seconds, more) => {
  const { origin, requests } = await startSaying(busy(seconds));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({}, more) });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 503 });
  expect(requests).toHaveLength(1);
  expect((await gateway.log.one()).duration_ms).toBeLessThan(1000 + SLACK_MS);
  expect((await gateway.metrics()).value('plumbline_retries_suppressed_total', { reason: 'deadline' })).toBe(1);
});

test.each(['', 'soon', '-1', '1.5'])('RT-6: a malformed Retry-After (%j) is as good as none', async (value) => {
  const { origin, requests, gapMs } = await startSaying(busy(value), OK);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  expect(requests).toHaveLength(2);
  expect(gapMs()).toBeLessThan(300 + SLACK_MS);
});

test.each(['FIN', 'RST'])('EV-3: a client that leaves (%s) in a pause ends it: nothing more is sent', async (way) => {
  const { origin, requests } = await startSaying(busy('5'), OK);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await until(() => requests.length === 1, 'the first try');
  await until(async () => (await gateway.metrics()).value('plumbline_upstream_attempts_total') === 1, 'its end');
  if (way === 'FIN') c.end();
  else c.reset();
  expect(await gateway.log.one()).toMatchObject({ status: 499, code: 'CLIENT_CLOSED', attempts: 1 });
  await gateway.idle();
  expect(requests).toHaveLength(1);
  expect((await gateway.metrics()).value('plumbline_retries_total')).toBe(0); // the one that the pause was for was not made
  c.destroy();
});

test('DL-2: the total covers tries and pauses: a second try that hangs has what is left of it', async () => {
  const { origin, requests } = await startSaying(NOT, '');
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 5 }, { deadline: { total: '400ms' } }) });
  const from = performance.now();
  const got = await exchangeRaw(gateway.port, GET);
  const tookMs = performance.now() - from;
  expect([got.status, errorCode(got), requests.length]).toEqual([504, 'UPSTREAM_TIMEOUT', 2]);
  expect(tookMs).toBeGreaterThan(390);
  expect(tookMs).toBeLessThan(550 + SLACK_MS);
  const [first, second] = requests.map(({ headers }) => Number(headers[headers.indexOf('X-Request-Timeout-Ms') + 1]));
  expect(first).toBeLessThanOrEqual(392);
  expect(second).toBeLessThan(first ?? 0);
});

test('RT-6: a drain does not wait for a pause longer than its grace', async () => {
  const { origin, requests } = await startSaying(busy('9'), OK);
  await using _origin = origin;
  const sections = { drain: { grace: '200ms' } };
  await using gateway = await startTestGateway({ upstream: origin.port, sections, ...retry() });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await until(() => requests.length === 1, 'the first try');
  const from = performance.now();
  const [got] = await Promise.all([readResponse(c), gateway.drain()]);
  expect(got.status).toBe(503);
  expect(performance.now() - from).toBeLessThan(2000 + SLACK_MS);
  c.destroy();
});

test.each([
  ['a circuit that has opened', { circuitBreaker: { minCalls: 2, failureRatio: 1 } }, 'circuit'],
  ['a place that is taken', { concurrency: { limit: 1, queue: 0 } }, 'no reason'],
])('RT-8: after a pause that ends before %s, the answer at hand goes back', async (_, policies, reason) => {
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { target } = await readRequest(c);
      if (target === '/') c.write(busy('1'));
      else if (reason === 'circuit') c.write('HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n');
    }
  });
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({}, policies) });
  const waiting = exchangeRaw(gateway.port, GET);
  await until(async () => (await gateway.metrics()).value('plumbline_upstream_attempts_total') === 1, 'the pause');
  const other = await connectRaw(gateway.port);
  sendRequest(other, ['GET /other HTTP/1.1', 'Host: x']);
  expect(await waiting).toMatchObject({ status: 503, body: Buffer.from('not') });
  other.destroy();
  await gateway.idle();
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_retries_suppressed_total', { reason: 'circuit' })).toBe(reason === 'circuit' ? 1 : 0);
  expect((await gateway.log.one(({ path }) => path === '/')).origin).toBe('upstream');
});
