/** What was promised, and whether it is kept, on the wire (docs/sla.md); the codes of the upstream's own error answers. */
import { expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { readHead } from '../kit/message.ts';
import { type OriginHandler, startOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const any = { responses: { default: { description: 'any' } } };

function document(sla: object | undefined): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Things',
      version: '1.0.0',
      ...(sla !== undefined && { 'x-plumbline': { owner: { team: 'things', oncall: '#things' }, sla } }),
    },
    paths: {
      '/{thing}': { parameters: [{ name: 'thing', in: 'path', required: true, schema: {} }], get: { operationId: 'getThing', ...any } },
    },
  };
}

const get = (target: string): string[] => [`GET ${target} HTTP/1.1`, 'Host: x'];
const JSON_TYPE = ['Content-Type', 'application/json'];
const PROBLEM = ['Content-Type', 'application/problem+json'];

/** Does what the first segment of the path says. */
const service: OriginHandler = (req, res) => {
  switch (req.url) {
    case '/fails':
      return void res.writeHead(500, PROBLEM).end('{"code":"BROKEN"}');
    case '/refuses':
      return void res.writeHead(409, JSON_TYPE).end('{"error":{"code":"ORDER_CLOSED"}}');
    case '/breaks':
      res.writeHead(200, [...JSON_TYPE, 'Content-Length', '100']).write('{');
      return void setImmediate(() => res.destroy());
    case '/hangs':
      return;
    case '/streams':
      return void res.writeHead(200, ['Content-Type', 'text/event-stream']).write('data: 1\n\n');
    default:
      return void res.writeHead(200, [...JSON_TYPE, 'Content-Length', '2']).end('{}');
  }
};

const PROMISE = { availability: 0.999, latency: { p95: '1h' } };

/** `availability good, bad; latency good, bad` so far. */
async function kept(gateway: TestGateway): Promise<number[]> {
  const metrics = await gateway.metrics();
  const of = (objective: string, good: string): number => metrics.value('plumbline_sla_requests_total', { api: 'api', objective, good });
  return [of('availability', 'true'), of('availability', 'false'), of('latency', 'true'), of('latency', 'false')];
}

test('the promise of the document is shown, and every exchange counts for or against it', async () => {
  await using origin = await startOrigin(service);
  const route = {
    policies: { deadline: { total: '300ms' }, rateLimit: [{ name: 'few', rate: 1, per: '1h', burst: 7, key: 'peer' }] },
  };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi: document(PROMISE), route });
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_sla_objective_ratio', { api: 'api', owner: 'things' })).toBe(0.999);
  expect(metrics.value('plumbline_sla_latency_objective_seconds', { api: 'api', owner: 'things', percentile: 'p95' })).toBe(3600);
  expect(metrics.value('plumbline_contract_info', { owner: 'things' })).toBe(1);
  expect(metrics.labelsOf('plumbline_sla_requests_total', 'good')).toEqual(['true', 'false']);
  const contracts = (await (await fetch(`${gateway.adminUrl}/api/contracts`)).json()) as unknown;
  expect(contracts).toMatchObject({ items: [{ owner: { team: 'things', oncall: '#things' }, sla: { availability: 0.999 } }] });

  const rows: ReadonlyArray<readonly [target: string, status: number, after: readonly number[]]> = [
    ['/fine', 200, [1, 0, 1, 0]],
    ['/refuses', 409, [2, 0, 2, 0]],
    ['/fails', 500, [2, 1, 2, 0]],
    ['/hangs', 504, [2, 2, 2, 0]],
    ['/un/known', 200, [2, 2, 2, 0]],
  ];
  for (const [target, status, after] of rows) {
    expect((await exchangeRaw(gateway.port, get(target))).status).toBe(status);
    await gateway.idle();
    expect([target, await kept(gateway)]).toEqual([target, after]);
  }
  await expect(exchangeRaw(gateway.port, get('/breaks'))).rejects.toThrow();
  await gateway.idle();
  expect(await kept(gateway)).toEqual([2, 3, 2, 0]);

  // The seventh is the last that the limit lets pass.
  for (const status of [200, 429]) expect((await exchangeRaw(gateway.port, get('/fine'))).status).toBe(status);
  await gateway.idle();
  expect(await kept(gateway)).toEqual([3, 3, 3, 0]);
});

test('a stream counts when it begins; nobody times it', async () => {
  await using origin = await startOrigin(service);
  await using gateway = await startTestGateway({ upstream: origin.port, openapi: document(PROMISE) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, get('/streams'));
  await readHead(c);
  await until(async () => (await kept(gateway)).join() === '1,0,0,0', 'a stream that is open');
  c.destroy();
  await gateway.idle();
  expect(await kept(gateway)).toEqual([1, 0, 0, 0]);
});

test('what took longer than the threshold is late, in whatever bucket it is', async () => {
  await using origin = await startOrigin((_req, res) => {
    const from = performance.now();
    while (performance.now() - from < 3) void 0; // longer than the threshold, by the same clock
    res.writeHead(200, ['Content-Length', '0']).end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port, openapi: document({ latency: { p99: '2ms' } }) });
  await exchangeRaw(gateway.port, get('/slow'));
  await gateway.idle();
  expect(await kept(gateway)).toEqual([0, 0, 0, 1]);
});

test('nothing is counted where nothing was promised', async () => {
  await using origin = await startOrigin(service);
  await using gateway = await startTestGateway({ upstream: origin.port, openapi: document(undefined) });
  await exchangeRaw(gateway.port, get('/fine'));
  await gateway.idle();
  expect((await gateway.metrics()).labelsOf('plumbline_sla_requests_total', 'api')).toEqual([]);
});

test.each([
  ['with a contract in report', { openapi: document(undefined) }, 'getThing'],
  ['with a contract in enforce', { openapi: document(undefined), route: { policies: { contract: { response: 'enforce' } } } }, 'getThing'],
  ['without a contract', {}, '_unmatched'],
])('error codes are counted %s, and answers arrive as they were', async (_how, options, operation) => {
  await using origin = await startOrigin(service);
  await using gateway = await startTestGateway({ upstream: origin.port, ...options });
  const refused = await exchangeRaw(gateway.port, get('/refuses'));
  expect([refused.status, refused.body.toString()]).toEqual([409, '{"error":{"code":"ORDER_CLOSED"}}']);
  await exchangeRaw(gateway.port, get('/fails'));
  await exchangeRaw(gateway.port, get('/fine'));
  await gateway.idle();
  const metrics = await gateway.metrics();
  const count = (code: string): number => metrics.value('plumbline_error_codes_total', { operation, code });
  expect([count('ORDER_CLOSED'), count('BROKEN'), metrics.value('plumbline_error_codes_total')]).toEqual([1, 1, 2]);
});
