import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, headerAll } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';

const GOING = {
  at: '2026-01-31T12:00:00Z',
  sunset: '2026-11-06T09:49:37+01:00',
  successor: '/v2/things',
  info: 'https://docs.example/going',
};
const SUNSET = 'Fri, 06 Nov 2026 08:49:37 GMT';

const thing = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, legacy: { type: 'string', deprecated: true } },
};
const json = { 'application/json': { schema: thing } };

/** Operations of each kind: going, deprecated without a date, of now. */
const document = (of: object = {}): object => ({
  openapi: '3.1.0',
  info: { title: 'T', version: '1.0.0' },
  paths: {
    '/things': {
      get: { operationId: 'list', deprecated: true, 'x-deprecation': GOING, responses: { 200: { description: '' } }, ...of },
      post: {
        operationId: 'create',
        parameters: [
          { name: 'mode', in: 'query', deprecated: true, schema: { type: 'string' } },
          { name: 'X-Old', in: 'header', deprecated: true, schema: { type: 'string' } },
        ],
        requestBody: { content: json },
        responses: { 200: { description: '', headers: { 'X-Legacy': { deprecated: true, schema: {} } }, content: json } },
      },
    },
    '/quiet': { get: { operationId: 'quiet', deprecated: true, responses: { 200: { description: '' } } } },
    '/now': { get: { operationId: 'now', responses: { 200: { description: '' } } } },
  },
});

const ask = (port: number, line: string, fields: readonly string[] = [], body = ''): ReturnType<typeof exchangeRaw> =>
  exchangeRaw(port, [`${line} HTTP/1.1`, 'Host: a', ...fields], body);

test('PC-3: Deprecation, Sunset and Link are on every final answer of the operation, and on no other', async () => {
  await using origin = await startOrigin((req, res) => {
    const own = req.headers['x-own'] === '1' ? { Deprecation: '@1', Link: ['</p2>; rel="next"', '</v9>; rel="successor-version"'] } : {};
    res.writeHead(Number(req.headers['x-status'] ?? 200), { 'Content-Length': '0', ...own }).end();
  });
  await using gateway = await startTestGateway({
    upstream: origin.port,
    openapi: document(),
  });
  const get = (path: string, ...fields: readonly string[]) => ask(gateway.port, `GET ${path}`, fields);
  const said = ({ headers }: Awaited<ReturnType<typeof get>>) => ['Deprecation', 'Sunset', 'Link'].map((name) => header(headers, name));
  const all = [
    '@1769860800',
    SUNSET,
    '<https://docs.example/going>; rel="deprecation", <https://docs.example/going>; rel="sunset", </v2/things>; rel="successor-version"',
  ];
  for (const status of [200, 404, 500]) expect(said(await get('/things', `X-Status: ${status}`))).toEqual(all);
  expect(said(await ask(gateway.port, 'HEAD /things'))).toEqual(all);
  const own = await get('/things', 'X-Own: 1');
  expect(said(own).slice(0, 2)).toEqual(['@1', undefined]);
  expect(headerAll(own.headers, 'Link')).toEqual([
    '</p2>; rel="next", </v9>; rel="successor-version", <https://docs.example/going>; rel="deprecation", <https://docs.example/going>; rel="sunset"',
  ]);
  for (const path of ['/quiet', '/now', '/unknown']) expect(said(await get(path))).toEqual([undefined, undefined, undefined]);
  await origin.close();
  const failed = await get('/things');
  expect([failed.status, ...said(failed)]).toEqual([502, ...all]);
});

test('PC-3: who uses what is deprecated is counted by element and consumer', async () => {
  await using origin = await startOrigin((_req, res) => {
    res.writeHead(200, { 'Content-Type': 'application/json', 'X-Legacy': '1' });
    res.end('{"name":"a","legacy":"b"}');
  });
  // Enforced: then a busy machine skips no body.
  const policies = { contract: { request: 'enforce', response: 'enforce' } };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi: document(), route: { policies } });
  const post = (consumer: string, target: string, body: string, ...fields: readonly string[]) =>
    ask(
      gateway.port,
      `POST ${target}`,
      [`X-Consumer-Name: ${consumer}`, 'Content-Type: application/json', `Content-Length: ${body.length}`, ...fields],
      body,
    );
  await post('shop', '/things?mode=x', '{"name":"a","legacy":"b"}', 'X-Old: 1');
  await post('cron', '/things', '{"name":"a"}');
  for (const path of ['/things', '/quiet', '/now']) await ask(gateway.port, `GET ${path}`, ['X-Consumer-Name: shop']);
  await gateway.idle();
  const metrics = await gateway.metrics();
  const used = (operation: string, consumer: string): Record<string, number> =>
    Object.fromEntries(
      ['operation', 'parameter', 'header', 'request_field', 'response_field'].map((element) => [
        element,
        metrics.value('plumbline_deprecated_usage_total', { direction: 'ingress', api: 'api', operation, element, consumer }),
      ]),
    );
  const none = { operation: 0, parameter: 0, header: 0, request_field: 0, response_field: 0 };
  expect(used('create', 'shop')).toEqual({ operation: 0, parameter: 1, header: 2, request_field: 1, response_field: 1 });
  expect(used('create', 'cron')).toEqual({ ...none, header: 1, response_field: 1 });
  expect(used('list', 'shop')).toEqual({ ...none, operation: 1 });
  expect(used('quiet', 'shop')).toEqual({ ...none, operation: 1 });
  expect(used('now', 'shop')).toEqual(none);
  expect(metrics.value('plumbline_contract_violations_total')).toBe(0);
  expect((await gateway.log.wait(5)).map(({ flags }) => flags)).toEqual([
    ['deprecated'],
    ['deprecated'],
    ['deprecated'],
    ['deprecated'],
    [],
  ]);
});

test('PC-3: when operations go away is a metric, and that of a version that is gone is too', async () => {
  await using origin = await startOrigin();
  const options = (of?: object) => ({ upstream: origin.port, openapi: document(of), sections: UNWATCHED });
  await using gateway = await startReloading(options());
  const sunsets = async () => {
    const metrics = await gateway.metrics();
    const name = 'plumbline_deprecation_sunset_timestamp_seconds';
    return metrics.labelsOf(name, 'operation').map((operation) => `${operation} ${metrics.value(name, { api: 'api', operation })}`);
  };
  expect(await sunsets()).toEqual(['list 1793954977']);
  await gateway.reload(options({ 'x-deprecation': { ...GOING, sunset: '2027-01-01' } }));
  expect(await sunsets()).toEqual(['list 1798761600']);
  await gateway.reload(options({ 'x-deprecation': { at: GOING.at } }));
  expect(await sunsets()).toEqual([]);
});

test('PC-3: a sunset before the deprecation stops a start, and a reload', async () => {
  await using origin = await startOrigin();
  const wrong = { 'x-deprecation': { ...GOING, sunset: '2026-01-30' } };
  await expect(startTestGateway({ upstream: origin.port, openapi: document(wrong) })).rejects.toMatchObject({
    problems: [
      { code: 'bad_deprecation', severity: 'error', pointer: '/paths/~1things/get/x-deprecation/sunset', line: expect.any(Number) },
    ],
  });
  const options = (of?: object) => ({ upstream: origin.port, openapi: document(of), sections: UNWATCHED });
  await using gateway = await startReloading(options());
  await gateway.reload(options(wrong));
  expect((await gateway.metrics()).value('plumbline_contract_reload_success', { api: 'api' })).toBe(0);
  expect(header((await ask(gateway.port(), 'GET /things')).headers, 'Sunset')).toBe(SUNSET);
});
