/** F7: mutations whose outcome nobody knows are in the ledger, and stay there until somebody says what became of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsOf } from '../kit/gateway-config.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { readHead, readRequest } from '../kit/message.ts';
import { type Origin, type RawOrigin, startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';
import { startGateway } from '../../src/app/gateway.ts';
import type { OutcomeItem } from '../../src/core/views.ts';

async function listed(adminUrl: string, query = ''): Promise<readonly OutcomeItem[]> {
  const answer = await fetch(`${adminUrl}/api/outcomes${query}`);
  return ((await answer.json()) as { readonly items: readonly OutcomeItem[] }).items;
}

const one = (gateway: { readonly adminUrl: string }): Promise<OutcomeItem> =>
  until(async () => (await listed(gateway.adminUrl))[0], 'an entry in the ledger');

const settle = (adminUrl: string, id: string, body: object): Promise<Response> =>
  fetch(`${adminUrl}/api/outcomes/${id}/settle`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Answers nothing, ever. */
const startSilent = (): Promise<Origin> => startOrigin(async (_req, _res, whole) => void (await whole()));
const startResetting = (after: 'request' | 'head' | 'answer begun'): Promise<RawOrigin> =>
  startRawOrigin(async (c) => {
    if (after === 'head') await readHead(c);
    else await readRequest(c);
    if (after === 'answer begun') c.write('HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"id"');
    c.reset();
  });

const post = (method = 'POST', more: readonly string[] = []): string[] => [
  `${method} /v1/payments?card=4111 HTTP/1.1`,
  'Host: x',
  'X-Request-ID: r-1',
  'X-Consumer-Name: shop',
  'X-Consumer-Version: 1.2',
  'Content-Length: 2',
  ...more,
];

const ATTEMPT = { policies: { deadline: { attempt: '50ms' } } };

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

test('what the end of the drain cuts is listed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-outcomes-'));
  await using origin = await startSilent();
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { state: { dir }, drain: { grace: '1ms' } } });
  const c = await connectRaw(gateway.port);
  sendRequest(c, post(), '{}');
  await until(() => origin.requests[0]?.state === 'ended', 'the request at the origin');
  await gateway.drain();
  c.destroy();
  await using again = await startTestGateway({ upstream: origin.port, sections: { state: { dir } } });
  expect(await listed(again.adminUrl)).toMatchObject([{ reason: 'OVERLOADED', sent: 'all' }]);
  await again.drain();
  rmSync(dir, { recursive: true });
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

/** A directory for one test. */
function stateDir(): { readonly dir: string; [Symbol.dispose](): void } {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-outcomes-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

test('a restart keeps the ledger, what was settled too; ids go on', async () => {
  using state = stateDir();
  await using origin = await startSilent();
  const options = { upstream: origin.port, route: ATTEMPT, sections: { state: { dir: state.dir } } };
  const lose = async (gateway: TestGateway, entries: number): Promise<readonly OutcomeItem[]> => {
    await exchangeRaw(gateway.port, post(), '{}');
    return until(async () => {
      const items = await listed(gateway.adminUrl);
      return items.length === entries && items;
    }, `${entries} entries`);
  };
  const first = await startTestGateway(options);
  await lose(first, 1);
  const [second, oldest] = (await lose(first, 2)) as [OutcomeItem, OutcomeItem];
  await settle(first.adminUrl, oldest.id, { as: 'not_executed', note: 'asked' });
  const kept = await listed(first.adminUrl);
  await first[Symbol.asyncDispose]();
  await using again = await startTestGateway(options);
  expect(await listed(again.adminUrl)).toEqual(kept);
  expect((await again.metrics()).value('plumbline_unknown_outcomes_open', { api: 'app' })).toBe(1);
  expect((await again.metrics()).value('plumbline_state_file_set_aside')).toBe(0);
  const [newest] = await lose(again, 3);
  expect(newest?.id).toMatch(/-2$/);
  expect((await settle(again.adminUrl, second.id, { as: 'executed' })).status).toBe(200);
  const page = await fetch(`${again.adminUrl}/api/outcomes?limit=1&after=${second.id}`);
  expect(await page.json()).toMatchObject({ items: [{ id: oldest.id }], next: null });
});

test('two gateways cannot keep state in one directory, and one that cannot be used is named', async () => {
  using state = stateDir();
  await using origin = await startOrigin();
  const sections = { state: { dir: state.dir } };
  await using _first = await startTestGateway({ upstream: origin.port, sections });
  const second = startGateway(settingsOf({ upstream: origin.port, sections }, state.dir));
  await expect(second).rejects.toMatchObject({ name: 'StartError', message: expect.stringContaining('another process uses it') });
  const nowhere = startGateway(settingsOf({ upstream: origin.port, sections: { state: { dir: 'no/such' } } }, state.dir));
  await expect(nowhere).rejects.toMatchObject({
    name: 'StartError',
    message: `cannot keep state in "${join(state.dir, 'no/such')}": the directory does not exist (ENOENT)`,
  });
});

test('kill -9 right after an entry loses nothing of it, and nobody has to unlock anything', { timeout: 90_000 }, async () => {
  using state = stateDir();
  await using origin = await startSilent();
  const options = { upstream: origin.port, route: ATTEMPT, sections: { state: { dir: state.dir } } };
  await using gateway = await startGatewayProcess(options);
  await exchangeRaw(gateway.port, post(), '{}');
  const item = await one(gateway);
  gateway.kill('SIGKILL');
  await gateway.exited;
  expect(gateway.stderr).not.toMatch(/ExperimentalWarning/);
  await using again = await startGatewayProcess(options);
  expect(await listed(again.adminUrl)).toEqual([item]);
});
