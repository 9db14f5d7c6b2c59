/** CB over real sockets. Nothing sleeps: the gauge tells when a circuit is half-open. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { Exposition } from '../kit/exposition.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { type RawResponse, header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { type OriginHandler, startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

const post = (target = '/') => [`POST ${target} HTTP/1.1`, 'Host: x', 'Content-Length: 0'];
const codeOf = ({ body }: RawResponse): unknown => (JSON.parse(body.toString()) as { code: string }).code;
const route = (block: object) => ({ route: { policies: { circuitBreaker: { minCalls: 4, open: '800ms', ...block } } } });

/** Answers with the status that the target names, once `opened` has resolved. */
function byTarget(opened: Promise<void> = Promise.resolve()): OriginHandler {
  return async (req, res) => {
    const status = Number(req.url?.slice(1));
    if (status === 200) await opened;
    res.writeHead(status, ['Content-Length', '0']).end();
  };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

const state = (metrics: Exposition): string[] =>
  ['closed', 'open', 'half_open'].filter((one) => metrics.value('plumbline_circuit_state', { state: one }) === 1);

interface Scraped {
  metrics(): Promise<Exposition>;
}

const reaches = (gateway: Scraped, wanted: string): Promise<unknown> =>
  until(async () => state(await gateway.metrics()).join() === wanted, `the circuit to be ${wanted}`);

test('CB-1: opens, lets three probes through when its time is over, and closes when they went well', async () => {
  const { opened, open } = gate();
  await using origin = await startOrigin(byTarget(opened));
  await using gateway = await startTestGateway({ upstream: origin.port, ...route({}) });
  expect(state(await gateway.metrics())).toEqual(['closed']);
  for (let i = 0; i < 4; i++) expect((await exchangeRaw(gateway.port, post('/500'))).status).toBe(500);
  const refused = await exchangeRaw(gateway.port, post('/200'));
  expect([refused.status, codeOf(refused), header(refused.headers, 'retry-after')]).toEqual([503, 'CIRCUIT_OPEN', '1']);
  expect([header(refused.headers, 'proxy-status'), header(refused.headers, 'x-plumbline-overloaded')]).toEqual([
    'plumbline; error=destination_unavailable',
    '1',
  ]);
  expect(origin.requests).toHaveLength(4);

  await reaches(gateway, 'half_open');
  const probes = [1, 2, 3].map(() => exchangeRaw(gateway.port, post('/200')));
  await until(() => origin.requests.length === 7, 'three probes at the upstream');
  expect(codeOf(await exchangeRaw(gateway.port, post('/200')))).toBe('CIRCUIT_OPEN');
  open();
  for (const probe of probes) expect((await probe).status).toBe(200);
  await reaches(gateway, 'closed');
  expect((await exchangeRaw(gateway.port, post('/200'))).status).toBe(200);
  const metrics = await gateway.metrics();
  for (const to of ['open', 'half_open', 'closed']) expect(metrics.value('plumbline_circuit_transitions_total', { to })).toBe(1);
});

test('CB-1: one probe that fails opens it again', async () => {
  await using origin = await startOrigin(byTarget());
  await using gateway = await startTestGateway({ upstream: origin.port, ...route({}) });
  for (let i = 0; i < 4; i++) await exchangeRaw(gateway.port, post('/503'));
  await reaches(gateway, 'half_open');
  expect((await exchangeRaw(gateway.port, post('/503'))).status).toBe(503);
  expect(codeOf(await exchangeRaw(gateway.port, post('/200')))).toBe('CIRCUIT_OPEN');
  expect((await gateway.metrics()).value('plumbline_circuit_transitions_total', { to: 'open' })).toBe(2);
});

test('EV-3: a probe whose caller leaves gives its permit back', async () => {
  const { opened, open } = gate();
  await using origin = await startOrigin(byTarget(opened));
  await using gateway = await startTestGateway({ upstream: origin.port, ...route({ probes: 1 }) });
  for (let i = 0; i < 4; i++) await exchangeRaw(gateway.port, post('/500'));
  await reaches(gateway, 'half_open');
  const leaving = await connectRaw(gateway.port);
  sendRequest(leaving, post('/200'));
  await until(() => origin.requests.length === 5, 'the probe at the upstream');
  expect(codeOf(await exchangeRaw(gateway.port, post('/200')))).toBe('CIRCUIT_OPEN');
  leaving.destroy();
  await gateway.idle();
  expect(state(await gateway.metrics())).toEqual(['half_open']);
  open();
  expect((await exchangeRaw(gateway.port, post('/200'))).status).toBe(200);
  await reaches(gateway, 'closed');
});

test('CB-1: an answer that breaks off is a failure, though its head was fine', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome');
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...route({}) });
  for (let i = 0; i < 4; i++) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, post());
    await readHead(c);
    await c.peerDone;
    c.destroy();
  }
  await reaches(gateway, 'open');
  expect(codeOf(await exchangeRaw(gateway.port, post()))).toBe('CIRCUIT_OPEN');
  expect(origin.connections).toHaveLength(4);
});

test('CB-2: callers who leave and callers whose upload is late open nothing; an upstream that is silent does', async () => {
  await using origin = await startRawOrigin(async (c) => void (await readHead(c)));
  const deadline = { attempt: '300ms' };
  const policies = { circuitBreaker: { minCalls: 4, open: '1h', maxOpen: '1h' }, deadline };
  await using gateway = await startTestGateway({ upstream: origin.port, route: { policies } });
  for (let i = 0; i < 4; i++) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, post());
    await until(() => origin.connections.length === i + 1, 'the request at the upstream');
    c.destroy();
  }
  const late = ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 100000', 'X-Request-Timeout-Ms: 50'];
  for (let i = 0; i < 4; i++) expect(codeOf(await exchangeRaw(gateway.port, late, 'some'))).toBe('REQUEST_TIMEOUT');
  await gateway.idle();
  expect(state(await gateway.metrics())).toEqual(['closed']);
  for (let i = 0; i < 4; i++) expect(codeOf(await exchangeRaw(gateway.port, post()))).toBe('UPSTREAM_TIMEOUT');
  expect(codeOf(await exchangeRaw(gateway.port, post()))).toBe('CIRCUIT_OPEN');
});

test('CB-1: every try counts, those that another took over from too; RT-8: the answer at hand goes back', async () => {
  // A port at which nobody listens.
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  await using gateway = await startTestGateway({ upstream: port, ...route({ minCalls: 3, open: '1h', maxOpen: '1h' }) });
  expect(codeOf(await exchangeRaw(gateway.port, post()))).toBe('UPSTREAM_REFUSED');
  // Its first try is the third that fails; there is no second.
  expect(codeOf(await exchangeRaw(gateway.port, post()))).toBe('UPSTREAM_REFUSED');
  expect(codeOf(await exchangeRaw(gateway.port, post()))).toBe('CIRCUIT_OPEN');
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_upstream_attempts_total', { code: 'UPSTREAM_REFUSED' })).toBe(3);
});

test('a reload keeps an open circuit open', async () => {
  await using origin = await startOrigin(byTarget());
  const numbers = (more: object) => ({ upstream: origin.port, sections: UNWATCHED, ...route({ open: '1h', maxOpen: '1h', ...more }) });
  await using gateway = await startReloading(numbers({}));
  for (let i = 0; i < 4; i++) await exchangeRaw(gateway.port(), post('/500'));
  await gateway.reload(numbers({ probes: 1, window: '20s' }));
  expect(await gateway.generation()).toBe(2);
  expect(codeOf(await exchangeRaw(gateway.port(), post('/200')))).toBe('CIRCUIT_OPEN');
  expect([origin.requests.length, state(await gateway.metrics())]).toEqual([4, ['open']]);
});

test('CB-1: a circuit whose policy a reload takes away is neither shown nor kept', async () => {
  await using origin = await startOrigin(byTarget());
  const config = (policies: object) => ({ upstream: origin.port, route: { policies }, sections: UNWATCHED });
  const breaker = { circuitBreaker: { minCalls: 4, open: '300ms' } };
  await using gateway = await startReloading(config(breaker));
  for (let i = 0; i < 4; i++) await exchangeRaw(gateway.port(), post('/500'));
  expect(state(await gateway.metrics())).toEqual(['open']);
  await gateway.reload(config({}));
  await reaches(gateway, 'closed');
  await gateway.reload(config(breaker));
  expect((await exchangeRaw(gateway.port(), post('/200'))).status).toBe(200);
  const from = performance.now();
  await until(() => performance.now() - from > 400, 'the time of the one that was open to be over');
  expect(state(await gateway.metrics())).toEqual(['closed']);
});

test('EV-6: an answer that breaks the contract counts by its own status', async () => {
  await using origin = await startOrigin(
    (_, res) => void res.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', '2']).end('[]'),
  );
  const content = { 'application/json': { schema: { type: 'object' } } };
  const openapi = {
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: { '/': { post: { operationId: 'make', responses: { 200: { description: 'ok', content } } } } },
  };
  const policies = { circuitBreaker: { minCalls: 4 }, contract: { response: 'enforce' } };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route: { policies } });
  for (let i = 0; i < 6; i++) expect(codeOf(await exchangeRaw(gateway.port, post()))).toBe('RESPONSE_CONTRACT_VIOLATION');
  expect([origin.requests.length, state(await gateway.metrics())]).toEqual([6, ['closed']]);
});

test('CB-2: a gRPC status in the trailers is a failure', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      c.write('HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n0\r\ngrpc-status: 14\r\n\r\n');
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...route({ open: '1h', maxOpen: '1h' }) });
  for (let i = 0; i < 4; i++) expect((await exchangeRaw(gateway.port, post())).status).toBe(200);
  await reaches(gateway, 'open');
  const c = await connectRaw(gateway.port);
  sendRequest(c, post());
  expect((await readResponse(c)).status).toBe(503);
  c.destroy();
});
