/** ID-1 to ID-7 on the wire: one key is executed once, whoever repeats it, leaves, or sends more than is kept. */
import { expect, test } from 'vitest';
import { type TestGateway, startTestGateway } from '../kit/gateway.ts';
import { PAYMENTS, keyedLines, payment, postKeyed, startHoldingOrigin, told } from '../kit/keyed.ts';
import { header, readHead, readResponse } from '../kit/message.ts';
import { type Origin, startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const gatewayOf = (upstream: { readonly port: number }, idempotency: object = {}, more: object = {}): Promise<TestGateway> =>
  startTestGateway({ upstream: upstream.port, route: { policies: { idempotency: { scope: 'shared', ...idempotency }, ...more } } });

const outcome = async (gateway: TestGateway, name: string): Promise<number> =>
  (await gateway.metrics()).value('plumbline_idempotency_requests_total', { api: 'app', outcome: name });

/** Answers 201 with the body that it got, and the request's number. */
function startEcho(): Promise<Origin> {
  let number = 0;
  return startOrigin(async (_req, res, whole) => {
    const id = ++number;
    const got = await whole();
    res.writeHead(201, ['Content-Type', 'application/json', 'Set-Cookie', 's=1', 'X-Mixed', 'a', 'x-mixed', 'b']);
    res.end(JSON.stringify({ id, got: got.toString() }));
  });
}

test('ID-5: of 20 at once with one key one is executed, 19 are refused and told when to come again', async () => {
  await using origin = await startHoldingOrigin();
  await using gateway = await gatewayOf(origin);
  const all = Array.from({ length: 20 }, () => postKeyed(gateway.port));
  await until(async () => (await outcome(gateway, 'in_flight')) === 19, 'the 19');
  origin.go();
  const answers = await Promise.all(all);
  expect(answers.map(told).sort()).toEqual(['201', ...Array(19).fill('409 IDEMPOTENCY_KEY_IN_FLIGHT')]);
  for (const answer of answers) if (answer.status === 409) expect(header(answer.headers, 'retry-after')).toBe('1');
  expect([origin.requests.length, await outcome(gateway, 'new')]).toEqual([1, 1]);
});

test('ID-5: with onInFlight: wait the 19 get its answer', async () => {
  await using origin = await startHoldingOrigin();
  await using gateway = await gatewayOf(origin, { onInFlight: 'wait' });
  const all = Array.from({ length: 20 }, () => postKeyed(gateway.port));
  await until(async () => (await gateway.metrics()).value('plumbline_idempotency_waiting') === 19, 'the 19');
  origin.go();
  const answers = await Promise.all(all);
  expect(answers.map(told).sort()).toEqual(['201', ...Array(19).fill('201 replayed')]);
  expect(new Set(answers.map(({ body }) => body.toString()))).toEqual(new Set(['{"id":1}']));
  expect([origin.requests.length, (await gateway.metrics()).value('plumbline_idempotency_waiting')]).toEqual([1, 0]);
});

test('ID-5: a replay is the same bytes with its own number, however the repetition is framed; the upstream ran once', async () => {
  await using origin = await startEcho();
  await using gateway = await gatewayOf(origin);
  const first = await postKeyed(gateway.port);
  const again = await postKeyed(gateway.port);
  const half = payment.length / 2;
  const chunks = [payment.slice(0, half), payment.slice(half)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
  const chunkedLines = keyedLines().map((line) => (line.startsWith('Content-Length') ? 'Transfer-Encoding: chunked' : line));
  const chunked = await exchangeRaw(gateway.port, chunkedLines, `${chunks.join('')}0\r\n\r\n`);
  for (const replay of [again, chunked]) {
    expect([told(replay), replay.body.toString()]).toEqual(['201 replayed', first.body.toString()]);
    expect(header(replay.headers, 'set-cookie')).toBeUndefined();
    expect(replay.headers.filter((_, i) => i % 2 === 0 && replay.headers[i]?.toLowerCase() === 'x-mixed')).toEqual(['X-Mixed', 'x-mixed']);
    expect(header(replay.headers, 'x-request-id')).not.toBe(header(first.headers, 'x-request-id'));
  }
  expect(header(first.headers, 'set-cookie')).toBe('s=1');
  expect(told(await postKeyed(gateway.port, { body: '{"amount":101}' }))).toBe('409 IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
  expect(told(await postKeyed(gateway.port, { key: 'k2', body: '{"amount":101}' }))).toBe('201');
  expect(origin.requests.length).toBe(2);
});

test('ID-1: a chunked first request is streamed, hashed as it goes by, and replayed to one with a length', async () => {
  await using origin = await startEcho();
  await using gateway = await gatewayOf(origin);
  const c = await connectRaw(gateway.port);
  sendRequest(
    c,
    keyedLines().map((line) => (line.startsWith('Content-Length') ? 'Transfer-Encoding: chunked' : line)),
  );
  for (const byte of payment) c.write(`1\r\n${byte}\r\n`);
  await until(() => origin.requests[0]?.body.length === payment.length, 'the bytes at the upstream');
  c.write('0\r\n\r\n');
  expect(told(await readResponse(c, 'POST'))).toBe('201');
  c.destroy();
  expect(told(await postKeyed(gateway.port))).toBe('201 replayed');
});

test('ER-1: a mismatch is 422 where the setting says so, in the problem too', async () => {
  await using origin = await startEcho();
  await using gateway = await gatewayOf(origin, { mismatchStatus: 422 });
  await postKeyed(gateway.port);
  expect(told(await postKeyed(gateway.port, { body: '{}' }))).toBe('422 IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
});

test('ID-3: the caller leaves after its body: the upstream is not given up, its answer is stored and replayed', async () => {
  await using origin = await startHoldingOrigin();
  await using gateway = await gatewayOf(origin);
  for (const [key, leave] of [
    ['fin', 'end'],
    ['rst', 'reset'],
  ] as const) {
    const before = origin.requests.length;
    const c = await connectRaw(gateway.port);
    sendRequest(c, keyedLines({ key }), payment);
    await until(() => origin.requests[before]?.state === 'ended', 'the request at the upstream');
    c[leave]();
    expect(told(await postKeyed(gateway.port, { key }))).toBe('409 IDEMPOTENCY_KEY_IN_FLIGHT');
  }
  origin.go();
  await gateway.idle();
  expect(origin.requests.map(({ state }) => state)).toEqual(['ended', 'ended']);
  for (const key of ['fin', 'rst']) expect(told(await postKeyed(gateway.port, { key }))).toBe('201 replayed');
  const left = await gateway.log.wait(2, ({ flags }) => flags.includes('client-closed'));
  expect(left.map(({ status, code }) => [status, code])).toEqual(Array(2).fill([499, 'CLIENT_CLOSED']));
});

test('ID-3: it leaves before its body has arrived: nothing sent, the key is free; something sent, nobody knows', async () => {
  await using origin = await startEcho();
  await using gateway = await gatewayOf(origin);
  const collected = await connectRaw(gateway.port);
  sendRequest(collected, keyedLines({ key: 'collected' }), payment.slice(0, 5));
  await until(async () => (await outcome(gateway, 'new')) === 1, 'the claim');
  collected.reset();
  await gateway.idle();
  expect(origin.requests.length).toBe(0);
  expect(told(await postKeyed(gateway.port, { key: 'collected' }))).toBe('201');

  const streamed = await connectRaw(gateway.port);
  const chunked = keyedLines({ key: 'streamed' }).map((line) => (line.startsWith('Content-Length') ? 'Transfer-Encoding: chunked' : line));
  sendRequest(streamed, chunked, '5\r\n{"amo\r\n');
  await until(() => origin.requests[1]?.body.length === 5, 'the beginning at the upstream');
  streamed.reset();
  await until(() => origin.requests[1]?.state === 'aborted', 'the upstream being given up');
  await gateway.idle();
  expect(told(await postKeyed(gateway.port, { key: 'streamed' }))).toBe('409 IDEMPOTENCY_KEY_OUTCOME_UNKNOWN');
});

test('ID-4: sent and reset is unknown at once; never connected leaves the key free', async () => {
  let asked = 0;
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    asked += 1;
    c.reset();
  });
  await using gateway = await gatewayOf(origin);
  expect(told(await postKeyed(gateway.port))).toBe('502 UPSTREAM_RESET');
  expect(told(await postKeyed(gateway.port))).toBe('409 IDEMPOTENCY_KEY_OUTCOME_UNKNOWN');
  expect(asked).toBe(1);
  await origin.close();
  expect(told(await postKeyed(gateway.port, { key: 'k2' }))).toBe('502 UPSTREAM_REFUSED');
  expect(told(await postKeyed(gateway.port, { key: 'k2' }))).toBe('502 UPSTREAM_REFUSED');
  expect(await outcome(gateway, 'new')).toBe(3);
});

test('ID-7: an answer above maxBytes goes through whole; its repetition is told that it is not kept, and what it was', async () => {
  const large = 'n'.repeat(1_200_000);
  await using origin = await startOrigin(async (_req, res, whole) => {
    await whole();
    res.writeHead(201, { 'Content-Type': 'text/plain' });
    res.end(large);
  });
  await using gateway = await gatewayOf(origin);
  expect((await postKeyed(gateway.port)).body.toString() === large).toBe(true);
  const again = await postKeyed(gateway.port);
  expect(told(again)).toBe('409 IDEMPOTENCY_KEY_RESULT_NOT_KEPT');
  expect(JSON.parse(again.body.toString())).toMatchObject({ upstream_status: 201, retryable: false });
  expect(told(await postKeyed(gateway.port, { body: 'other' }))).toBe('409 IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
  expect(origin.requests.length).toBe(1);
});

test('ID-7: a request above 1 MiB is executed once too; its repetition is not read to its end', async () => {
  await using origin = await startOrigin(async (_req, res, whole) => {
    res.end(String((await whole()).length));
  });
  await using gateway = await gatewayOf(origin);
  const body = 'n'.repeat(1_200_000);
  expect((await postKeyed(gateway.port, { body })).body.toString()).toBe('1200000');
  const c = await connectRaw(gateway.port);
  sendRequest(c, keyedLines({ body }), body.slice(0, 10));
  expect(told(await readResponse(c, 'POST'))).toBe('409 IDEMPOTENCY_KEY_RESULT_NOT_KEPT');
  c.destroy();
  expect(origin.requests.length).toBe(1);
});

test('ID-5: events are streamed as they come, and a marker is stored at the head', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n');
  });
  await using gateway = await gatewayOf(origin);
  const c = await connectRaw(gateway.port);
  sendRequest(c, keyedLines(), payment);
  await c.readUntil('data: 1');
  expect(told(await postKeyed(gateway.port))).toBe('409 IDEMPOTENCY_KEY_RESULT_NOT_KEPT');
  c.destroy();
  expect(origin.connections.length).toBe(1);
});

test('ID-6: a duplicate in flight is refused without its body, and without the 100 that it waits for', async () => {
  await using origin = await startHoldingOrigin();
  await using gateway = await gatewayOf(origin);
  const first = postKeyed(gateway.port);
  await until(() => origin.requests.length === 1, 'the first');
  const c = await connectRaw(gateway.port);
  sendRequest(c, keyedLines({ fields: ['Expect: 100-continue'] }));
  const refused = await readResponse(c, 'POST');
  expect([told(refused), refused.interim]).toEqual(['409 IDEMPOTENCY_KEY_IN_FLIGHT', []]);
  c.destroy();
  origin.go();
  expect(told(await first)).toBe('201');
  const again = await connectRaw(gateway.port);
  sendRequest(again, keyedLines({ fields: ['Expect: 100-continue'] }));
  await again.readUntil('100 Continue\r\n\r\n');
  again.write(payment);
  expect(told(await readResponse(again, 'POST'))).toBe('201 replayed');
  again.destroy();
});

test('ID-1: the key stands where the pointer leads to', async () => {
  await using origin = await startEcho();
  const policies = { idempotency: { scope: 'shared', pointer: '/payment/id', required: ['createPayment'] } };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi: PAYMENTS, route: { policies } });
  const lines = (body: string): string[] => keyedLines({ body }).filter((line) => !line.startsWith('Idempotency-Key'));
  const post = async (body: string): Promise<string> => told(await exchangeRaw(gateway.port, lines(body), body));
  const body = '{"payment":{"id":"p1"}}';
  expect([await post(body), await post(body), await post('{"payment":{"id":"p1"},"x":1}')]).toEqual([
    '201',
    '201 replayed',
    '409 IDEMPOTENCY_KEY_PAYLOAD_MISMATCH',
  ]);
  expect([await post('{"payment":{}}'), await post('{')]).toEqual(['400 IDEMPOTENCY_KEY_MISSING', '400 MALFORMED_REQUEST']);
  expect(origin.requests.length).toBe(1);
});

test('ID-1: a key is the caller’s by its credential, in the field that names consumers too; without one by its address', async () => {
  await using origin = await startEcho();
  await using gateway = await startTestGateway({
    upstream: origin.port,
    route: { policies: { idempotency: {} } },
    sections: { identity: { consumer: [{ apiKey: { header: 'X-Partner-Key' } }] } },
  });
  const post = async (...fields: string[]): Promise<string> => told(await postKeyed(gateway.port, { fields }));
  expect([await post('X-Partner-Key: a'), await post('X-Partner-Key: b'), await post('X-Partner-Key: a')]).toEqual([
    '201',
    '201',
    '201 replayed',
  ]);
  expect([await post('X-API-Key: a'), await post('X-API-Key: b'), await post('X-API-Key: a')]).toEqual(['201', '201', '201 replayed']);
  expect([await post(), await post('X-Consumer-Name: someone')]).toEqual(['201', '201 replayed']);
});

test('ID-1: a key is the caller’s by the field that the contract has credentials in', async () => {
  await using origin = await startEcho();
  const openapi = {
    ...PAYMENTS,
    components: { securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } } },
    security: [{ token: [] }],
  };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route: { policies: { idempotency: {} } } });
  const post = async (token: string): Promise<string> => told(await postKeyed(gateway.port, { fields: [`X-Auth-Token: ${token}`] }));
  expect([await post('alice'), await post('bob'), await post('alice')]).toEqual(['201', '201', '201 replayed']);
  expect(origin.requests.length).toBe(2);
});

test('ID-7: a request that the contract refuses makes no claim', async () => {
  await using origin = await startEcho();
  const openapi = structuredClone(PAYMENTS);
  Object.assign(openapi.paths['/payments'].post.requestBody.content['application/json'].schema, { required: ['amount'] });
  await using gateway = await startTestGateway({
    upstream: origin.port,
    openapi,
    route: { policies: { contract: { request: 'enforce' }, idempotency: { required: ['createPayment'] } } },
  });
  expect(told(await postKeyed(gateway.port, { body: '{}' }))).toBe('422 REQUEST_CONTRACT_VIOLATION');
  expect([told(await postKeyed(gateway.port)), told(await postKeyed(gateway.port))]).toEqual(['201', '201 replayed']);
  expect(told(await postKeyed(gateway.port, { key: '' }))).toBe('400 IDEMPOTENCY_KEY_MISSING');
  const metrics = await gateway.metrics();
  for (const [name, n] of [
    ['new', 1],
    ['replayed', 1],
    ['missing', 1],
  ] as const) {
    expect(metrics.value('plumbline_idempotency_requests_total', { api: 'api', operation: 'createPayment', outcome: name })).toBe(n);
  }
});

test('ID-5: all tries run under one claim', async () => {
  let tries = 0;
  await using origin = await startOrigin(async (_req, res, whole) => {
    await whole();
    tries += 1;
    res.writeHead(tries === 1 ? 503 : 201, { 'Content-Type': 'text/plain' });
    res.end(`try ${tries}`);
  });
  await using gateway = await gatewayOf(origin, {}, { retry: { attempts: 2, upstreamHonoursKey: true } });
  const first = await postKeyed(gateway.port);
  expect([told(first), first.body.toString(), tries]).toEqual(['201', 'try 2', 2]);
  expect([told(await postKeyed(gateway.port)), tries]).toEqual(['201 replayed', 2]);
});
