/** F7: mutations whose outcome nobody knows are in the ledger, and stay there until somebody says what became of them. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { readHead, readRequest } from '../kit/message.ts';
import { type RawOrigin, startOrigin, startRawOrigin } from '../kit/origin.ts';
import { ATTEMPT, listed, one, post, settle, startSilent } from '../kit/outcomes.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const startResetting = (after: 'request' | 'head' | 'answer begun'): Promise<RawOrigin> =>
  startRawOrigin(async (c) => {
    if (after === 'head') await readHead(c);
    else await readRequest(c);
    if (after === 'answer begun') c.write('HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"id"');
    c.reset();
  });

test('a POST that times out after it was sent is listed, with all that finds it again, until somebody settles it', async () => {
  await using origin = await startSilent();
  await using gateway = await startTestGateway({ upstream: origin.port, route: ATTEMPT });
  expect((await exchangeRaw(gateway.port, post(), '{}')).status).toBe(504);
  const item = await one(gateway);
  expect(item).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-0$/),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    api: 'app',
    route: 'app',
    operation: '_unmatched',
    method: 'POST',
    path: '/v1/payments',
    requestId: 'r-1',
    correlationId: 'r-1',
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    consumer: { name: 'shop', version: '1.2' },
    reason: 'UPSTREAM_TIMEOUT',
    upstream: `http://127.0.0.1:${origin.port}`,
    sent: 'all',
    attempts: 1,
    keyHash: '',
    state: 'open',
  });
  const before = await gateway.metrics();
  expect(before.value('plumbline_unknown_outcomes_total', { api: 'app', operation: '_unmatched', reason: 'UPSTREAM_TIMEOUT' })).toBe(1);
  expect(before.value('plumbline_unknown_outcomes_open', { api: 'app' })).toBe(1);

  const settled = await settle(gateway.adminUrl, item.id, { as: 'executed', note: 'in the books' });
  expect([settled.status, await settled.json()]).toMatchObject([
    200,
    { id: item.id, state: 'settled', settledAs: 'executed', note: 'in the books' },
  ]);
  expect(await listed(gateway.adminUrl, '?state=open')).toEqual([]);
  expect(await listed(gateway.adminUrl, '?state=settled&api=app&operation=_unmatched&consumer=shop')).toHaveLength(1);
  expect((await gateway.metrics()).value('plumbline_unknown_outcomes_open')).toBe(0);
  expect((await settle(gateway.adminUrl, `${item.id}9`, { as: 'executed' })).status).toBe(404);
});

test.each([
  ['reset after the whole request', 'request', {}, { sent: 'all', reason: 'UPSTREAM_RESET' }],
  [
    'reset in the middle of an answer that was to be had whole',
    'answer begun',
    { policies: { contract: { request: 'off', response: 'enforce' } } },
    { sent: 'all', reason: 'UPSTREAM_RESET' },
  ],
] as const)('%s: listed', async (_, after, route, expected) => {
  await using origin = await startResetting(after);
  const openapi = after === 'answer begun' ? PAYMENTS : undefined;
  await using gateway = await startTestGateway({ upstream: origin.port, route, ...(openapi && { openapi }) });
  expect((await exchangeRaw(gateway.port, post(), '{}')).status).toBe(502);
  expect(await one(gateway)).toMatchObject(expected);
});

const PAYMENTS = {
  openapi: '3.1.0',
  info: { title: 'payments', version: '1' },
  paths: {
    '/v1/payments': {
      post: { operationId: 'createPayment', responses: { 201: { description: '', content: { 'application/json': { schema: {} } } } } },
    },
  },
};

test('a caller that leaves after its request was sent: listed as its leaving', async () => {
  await using origin = await startSilent();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, post(), '{}');
  await until(() => origin.requests[0]?.state === 'ended', 'the request at the origin');
  c.destroy();
  expect(await one(gateway)).toMatchObject({ reason: 'CLIENT_CLOSED', sent: 'all' });
});

test('a caller that leaves in the middle of its upload: the upstream had a part', async () => {
  await using origin = await startSilent();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 1000000'], 'some');
  await until(() => origin.requests.length === 1, 'the head at the origin');
  c.destroy();
  expect(await one(gateway)).toMatchObject({ reason: 'CLIENT_CLOSED', sent: 'part' });
});

test('an answer that breaks off on its way has told its status: not listed', async () => {
  await using origin = await startResetting('answer begun');
  await using gateway = await startTestGateway({ upstream: origin.port });
  await expect(exchangeRaw(gateway.port, post(), '{}')).rejects.toThrow(/ended before 100 bytes/);
  await gateway.idle();
  expect(await until(() => gateway.log.all()[0], 'its line')).toMatchObject({ status: 201, code: 'UPSTREAM_RESET' });
  expect(await listed(gateway.adminUrl)).toEqual([]);
});

test.each(['GET', 'HEAD', 'OPTIONS'])('a %s that times out changes nothing: not listed', async (method) => {
  await using origin = await startSilent();
  await using gateway = await startTestGateway({ upstream: origin.port, route: ATTEMPT });
  expect((await exchangeRaw(gateway.port, [`${method} / HTTP/1.1`, 'Host: x'])).status).toBe(504);
  await gateway.idle();
  expect(await listed(gateway.adminUrl)).toEqual([]);
});

test('a POST that was refused, or never sent, or answered with any status, is known', async () => {
  await using origin = await startOrigin((req, res) => void res.writeHead(req.url === '/500' ? 500 : 201).end());
  const nobody = await startOrigin();
  await nobody.close();
  await using gateway = await startTestGateway({
    upstream: origin.port,
    sections: {
      routes: [
        { name: 'app', listener: 'main', match: { path: '/' }, upstream: `http://127.0.0.1:${origin.port}` },
        { name: 'gone', listener: 'main', match: { path: '/gone' }, upstream: `http://127.0.0.1:${nobody.port}` },
      ],
    },
  });
  const ask = async (target: string, ...more: string[]): Promise<number> =>
    (await exchangeRaw(gateway.port, [`POST ${target} HTTP/1.1`, 'Host: x', 'Content-Length: 2', ...more], '{}')).status;
  expect(await ask('/')).toBe(201);
  expect(await ask('/500')).toBe(500);
  expect(await ask('/gone')).toBe(502);
  expect(await ask('/', 'X-Request-Timeout-Ms: 1')).toBe(504);
  expect(await ask('/', 'Content-Length: 3')).toBe(400);
  await gateway.idle();
  expect(await listed(gateway.adminUrl)).toEqual([]);
});

test('of a mutation that is tried again only the last word counts', async () => {
  let resets = 0;
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    if (resets-- > 0) return c.reset();
    c.write('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
    c.end();
  });
  const retry = { policies: { retry: { attempts: 2, backoff: { base: '1ms', max: '1ms' } } } };
  await using gateway = await startTestGateway({ upstream: origin.port, route: retry });
  resets = 1;
  expect((await exchangeRaw(gateway.port, post('PUT'), '{}')).status).toBe(204);
  await gateway.idle();
  expect(await listed(gateway.adminUrl)).toEqual([]);
  resets = 2;
  expect((await exchangeRaw(gateway.port, post('PUT'), '{}')).status).toBe(502);
  expect(await one(gateway)).toMatchObject({ method: 'PUT', attempts: 2, reason: 'UPSTREAM_RESET' });
});

test('where the last try was never sent, it is the one before that nobody knows of', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    await origin.close();
  });
  const retry = { policies: { retry: { attempts: 2, backoff: { base: '1ms', max: '1ms' } } } };
  await using gateway = await startTestGateway({ upstream: origin.port, route: retry });
  const { status, body } = await exchangeRaw(gateway.port, post('PUT'), '{}');
  expect([status, (JSON.parse(body.toString()) as { readonly code: string }).code]).toEqual([502, 'UPSTREAM_REFUSED']);
  expect(await one(gateway)).toMatchObject({ attempts: 2, reason: 'UPSTREAM_RESET', sent: 'all' });
});

test('one with an idempotency key is listed once, by the hash of its key; duplicates are refused and add nothing', async () => {
  await using origin = await startSilent();
  const route = { policies: { ...ATTEMPT.policies, idempotency: { scope: 'shared' } } };
  await using gateway = await startTestGateway({ upstream: origin.port, route });
  const keyed = post('POST', ['Idempotency-Key: "payment-1"']);
  expect((await exchangeRaw(gateway.port, keyed, '{}')).status).toBe(504);
  const { keyHash, reason } = await one(gateway);
  expect([keyHash, reason]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 'UPSTREAM_TIMEOUT']);
  for (let i = 0; i < 3; i++) expect((await exchangeRaw(gateway.port, keyed, '{}')).status).toBe(409);
  await gateway.idle();
  expect(await listed(gateway.adminUrl)).toHaveLength(1);
});

test('a caller that left before its keyed request was answered: the answer came, so it is known', async () => {
  const answer = Promise.withResolvers<void>();
  await using origin = await startOrigin(async (_req, res, whole) => {
    await whole();
    await answer.promise;
    res.writeHead(201).end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port, route: { policies: { idempotency: { scope: 'shared' } } } });
  const c = await connectRaw(gateway.port);
  sendRequest(c, post('POST', ['Idempotency-Key: "payment-1"']), '{}');
  await until(() => origin.requests[0]?.state === 'ended', 'the request at the origin');
  c.destroy();
  await until(
    async () => (await gateway.metrics()).value('plumbline_downstream_connections', { listener: 'main' }) === 0,
    'the caller to be gone',
  );
  answer.resolve();
  await gateway.idle();
  expect(await until(() => gateway.log.all()[0], 'its line')).toMatchObject({ status: 499, code: 'CLIENT_CLOSED' });
  expect(await listed(gateway.adminUrl)).toEqual([]);
});

test('the ledger is bounded: the oldest go and are counted', async () => {
  await using origin = await startResetting('request');
  await using gateway = await startTestGateway({
    upstream: origin.port,
    sections: { telemetry: { accessLog: 'off', limits: { outcomes: 3 } } },
  });
  for (let i = 0; i < 5; i++) await exchangeRaw(gateway.port, post(), '{}');
  await until(async () => (await gateway.metrics()).value('plumbline_outcomes_dropped_total') === 2, 'two to go');
  expect((await listed(gateway.adminUrl)).map(({ id }) => id.slice(-1))).toEqual(['4', '3', '2']);
  expect((await gateway.metrics()).value('plumbline_unknown_outcomes_total')).toBe(5);
});
