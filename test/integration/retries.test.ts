/** RT-1 to RT-4 and RT-9 over real sockets: what a route with a `retry` block sends again, and what the upstream sees of it. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, type RawRequest, type RawResponse, readRequest } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const answer = (status: number, fields: readonly string[] = []): string =>
  `HTTP/1.1 ${status} X\r\n${fields.map((field) => `${field}\r\n`).join('')}Content-Length: 3\r\n\r\nnot`;
const GET = ['GET / HTTP/1.1', 'Host: x'];
const POST = ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 2'];

const errorCode = ({ body }: RawResponse): unknown => (JSON.parse(body.toString()) as { code: string }).code;
const retry = (block: object = {}, more: object = {}) => ({ route: { policies: { retry: block, ...more } } });

type Deed = (c: RawConnection) => void;
const say =
  (text: string): Deed =>
  (c) =>
    c.write(text);
const reset: Deed = (c) => c.reset();
const close: Deed = (c) => c.end();
const hang: Deed = () => undefined;
const cutOff: Deed = (c) => {
  c.write('HTTP/1.1 200 OK\r\nContent-');
  c.end();
};

/** Does one deed after the other, a request each; the last one for all that come after it. */
async function startScripted(...deeds: readonly [Deed, ...Deed[]]) {
  const requests: RawRequest[] = [];
  const carriers: RawConnection[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      requests.push(await readRequest(c));
      carriers.push(c);
      (deeds[Math.min(requests.length, deeds.length) - 1] as Deed)(c);
    }
  });
  return { origin, requests, carriers };
}

test.each([408, 502, 503, 504])('RT-3: a %d is asked for again, and its answer is not the last word', async (status) => {
  const { origin, requests } = await startScripted(say(answer(status)), say(OK));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  const { status: got, body } = await exchangeRaw(gateway.port, GET);
  expect([got, body.toString(), requests.length]).toEqual([200, 'ok', 2]);
  expect(await gateway.log.one()).toMatchObject({ status: 200, attempts: 2, code: '' });
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_retries_total', { reason: String(status) })).toBe(1);
  expect(metrics.value('plumbline_retry_outcomes_total', { outcome: 'succeeded' })).toBe(1);
  expect(metrics.value('plumbline_retries_suppressed_total')).toBe(0);
});

test.each([
  ['reset', reset],
  ['closed', close],
  ['cut off in its head', cutOff],
])('RT-3: a connection %s before an answer is asked for again, on a fresh connection too', async (_, deed) => {
  const { origin, requests } = await startScripted(deed, deed, say(OK));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3 }) });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  expect(requests).toHaveLength(3);
  expect((await gateway.metrics()).value('plumbline_retries_total', { reason: 'UPSTREAM_RESET' })).toBe(2);
});

test('RT-3: our attempt timeout is asked for again, and the try that was late is given up at the upstream', async () => {
  const { origin, requests, carriers } = await startScripted(hang, say(OK));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({}, { deadline: { attempt: '150ms', total: '20s' } }) });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  expect(requests).toHaveLength(2);
  await carriers[0]?.peerDone;
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_retries_total', { reason: 'UPSTREAM_TIMEOUT' })).toBe(1);
  expect(metrics.value('plumbline_timeouts_total')).toBe(0); // the exchange did not run out of time
});

test('RT-3: what HTTP lets nobody send is not asked for again', async () => {
  const { origin, requests } = await startScripted(say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  const got = await exchangeRaw(gateway.port, GET);
  expect([got.status, errorCode(got), requests.length]).toEqual([502, 'UPSTREAM_BAD_FRAMING', 1]);
});

test.each([
  ['HEAD', []],
  ['OPTIONS', []],
  ['DELETE', []],
  ['PUT', ['Content-Length: 2']],
])('RT-1: %s is repeated, with its body', async (method, fields) => {
  const first = method === 'HEAD' ? 'HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\n' : answer(503);
  const { origin, requests } = await startScripted(say(first), say('HTTP/1.1 204 No Content\r\n\r\n'));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry() });
  expect(await exchangeRaw(gateway.port, [`${method} / HTTP/1.1`, 'Host: x', ...fields], fields.length > 0 ? 'ab' : '')).toMatchObject({
    status: 204,
  });
  expect(requests.map(({ body }) => body.toString())).toEqual(fields.length > 0 ? ['ab', 'ab'] : ['', '']);
});

test('RT-1: a POST that the upstream has seen is not repeated: its answer passes untouched', async () => {
  const { origin, requests } = await startScripted(say(answer(503)));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3 }) });
  const got = await exchangeRaw(gateway.port, POST, 'ab');
  expect([got.status, got.body.toString(), requests.length]).toEqual([503, 'not', 1]);
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_retries_suppressed_total', { reason: 'not_repeatable' })).toBe(1);
});

test('RT-1: a POST with a key is repeated where the upstream honours keys', async () => {
  const { origin, requests } = await startScripted(reset, say(OK));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ upstreamHonoursKey: true }) });
  expect(await exchangeRaw(gateway.port, [...POST, 'Idempotency-Key: "a"'], 'ab')).toMatchObject({ status: 200 });
  expect(requests.map(({ headers, body }) => [header(headers, 'idempotency-key'), body.toString()])).toEqual([
    ['"a"', 'ab'],
    ['"a"', 'ab'],
  ]);
});

test('RT-4: a POST of which nothing was sent is repeated until somebody listens', async () => {
  const before = await startRawOrigin(() => undefined);
  await before.close();
  await using gateway = await startTestGateway({ upstream: before.port, ...retry({ attempts: 3, backoff: { base: '1ms', max: '1ms' } }) });
  const got = await exchangeRaw(gateway.port, POST, 'ab');
  expect([got.status, errorCode(got)]).toEqual([502, 'UPSTREAM_REFUSED']);
  expect(await gateway.log.one()).toMatchObject({ attempts: 3, code: 'UPSTREAM_REFUSED' });
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_retries_suppressed_total', { reason: 'attempts' })).toBe(1);
  expect(metrics.value('plumbline_retry_outcomes_total', { outcome: 'failed' })).toBe(1);
});

test('ER-1: out of tries, the last answer passes as the upstream gave it', async () => {
  const { origin } = await startScripted(say(answer(503, ['X-N: 1'])), say(answer(502, ['X-N: 2'])), say(answer(504, ['X-N: 3'])));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3 }) });
  const got = await exchangeRaw(gateway.port, GET);
  expect([got.status, header(got.headers, 'x-n'), got.body.toString()]).toEqual([504, '3', 'not']);
});

test('RT-9: every try after the first has its number, and a caller’s own does not pass for it', async () => {
  const { origin, requests } = await startScripted(say(answer(503)), say(answer(503)), say(OK));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3 }) });
  await exchangeRaw(gateway.port, [...GET, 'X-Retry-Attempt: 1']);
  expect(requests.map(({ headers }) => header(headers, 'x-retry-attempt'))).toEqual([undefined, '2', '3']);
});

test('RT-9: what a gateway in front repeats is not repeated here, and is counted as the caller’s', async () => {
  const { origin, requests } = await startScripted(say(answer(503)));
  await using _origin = origin;
  await using behind = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 5 }) });
  await using front = await startTestGateway({ upstream: behind.port, ...retry({ attempts: 3 }) });
  expect(await exchangeRaw(front.port, GET)).toMatchObject({ status: 503 });
  // The gateway behind repeats the first try of the one in front up to five times; those of it that are repeats it passes on once each.
  expect(requests).toHaveLength(5 + 1 + 1);
  await behind.idle();
  const metrics = await behind.metrics();
  expect(metrics.value('plumbline_client_retries_total')).toBe(2);
  expect(metrics.value('plumbline_retries_suppressed_total', { reason: 'stacked' })).toBe(2);
});

test('RT-9: a stranger’s X-Retry-Attempt has no say', async () => {
  const { origin, requests } = await startScripted(say(answer(503)), say(OK));
  await using _origin = origin;
  const sections = { trust: { peers: ['192.0.2.0/24'] } };
  await using gateway = await startTestGateway({ upstream: origin.port, sections, ...retry() });
  expect(await exchangeRaw(gateway.port, [...GET, 'X-Retry-Attempt: 5'])).toMatchObject({ status: 200 });
  expect(requests).toHaveLength(2);
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_client_retries_total')).toBe(0);
});

test.each(['X-Plumbline-Overloaded: 1', 'X-Plumbline-No-Retry: 1'])('RT-9: an answer with %s is passed on at once', async (field) => {
  const { origin, requests } = await startScripted(say(answer(503, [field])));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3 }) });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 503 });
  expect(requests).toHaveLength(1);
});

test('RT-2: without a retry block no status is asked for again', async () => {
  const { origin, requests } = await startScripted(say(answer(503)));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 503 });
  expect(requests).toHaveLength(1);
});

test('EV-8: a request for another protocol is tried once', async () => {
  const { origin, requests } = await startScripted(say(answer(503)));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...retry({ attempts: 3 }) });
  const got = await exchangeRaw(gateway.port, [...GET, 'Connection: upgrade', 'Upgrade: websocket']);
  expect([got.status, requests.length]).toEqual([503, 1]);
});

test('an answer that is superseded leaves its connection whole for the next try, a long one is given up', async () => {
  const long = `HTTP/1.1 503 X\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(200_000)}`;
  const { origin, carriers } = await startScripted(say(answer(503)), say(long), say(OK));
  await using _origin = origin;
  await using gateway = await startTestGateway({
    upstream: origin.port,
    ...retry({ attempts: 3, backoff: { base: '20ms', max: '20ms' } }),
  });
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  expect([carriers[1] === carriers[0], carriers[2] === carriers[1]]).toEqual([true, false]);
  await until(() => carriers[1]?.ended, 'the long answer to be given up');
});
