import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header } from '../kit/message.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

/** An origin that answers with its name. */
const named = (name: string): Promise<Origin> =>
  startOrigin((_req, res) => {
    res.writeHead(200, ['Content-Length', String(name.length)]);
    res.end(name);
  });

const route = (name: string, origin: Origin, match: object, more: object = {}, upstream: object = {}): object => ({
  name,
  listener: 'main',
  match,
  upstream: { url: origin.url, ...upstream },
  ...more,
});

/** What answered: an origin's name, or the code of a refusal. */
async function asked(port: number, line: string, ...fields: readonly string[]): Promise<string> {
  const { body } = await exchangeRaw(port, [`${line} HTTP/1.1`, 'Host: x', ...fields].filter(unlessHostIsGiven(fields)));
  const text = body.toString();
  return text.startsWith('{') ? (JSON.parse(text) as { code: string }).code : text;
}

const unlessHostIsGiven =
  (fields: readonly string[]) =>
  (field: string): boolean =>
    field !== 'Host: x' || !fields.some((other) => other.startsWith('Host:'));

test('requests go by path, host, method and header, whatever the order in the file', async () => {
  const names = ['plain', 'deep', 'host', 'v2', 'writes'] as const;
  const origins = await Promise.all(names.map(named));
  const [plain, deep, host, v2, writes] = origins as [Origin, Origin, Origin, Origin, Origin];
  const routes = [
    route('plain', plain, { path: '/v1' }),
    route('writes', writes, { path: '/v1', methods: ['POST', 'PUT'] }),
    route('v2', v2, { path: '/v1', headers: { 'X-Version': '2' } }),
    route('host', host, { path: '/v1', host: 'Other.Example' }),
    route('deep', deep, { path: '/v1/deep' }),
  ];
  for (const order of [routes, [...routes].reverse()]) {
    await using gateway = await startTestGateway({ upstream: plain.port, sections: { routes: order } });
    const ask = (line: string, ...fields: readonly string[]): Promise<string> => asked(gateway.port, line, ...fields);
    expect(await ask('GET /v1')).toBe('plain');
    expect(await ask('GET /v1/x?y')).toBe('plain');
    expect(await ask('GET /v1x')).toBe('OPERATION_NOT_FOUND');
    expect(await ask('GET /v1/deep/er', 'X-Version: 2', 'Host: other.example')).toBe('deep');
    expect(await ask('GET /%761/%64eep')).toBe('deep');
    expect(await ask('GET /v1', 'Host: OTHER.example:8080')).toBe('host');
    expect(await ask('POST /v1', 'x-version: 2')).toBe('v2');
    expect(await ask('POST /v1', 'X-Version: 2', 'x-VERSION: 3')).toBe('writes');
    expect(await ask('PUT /v1')).toBe('writes');
    expect(await ask('PATCH /v1')).toBe('plain');
    expect(await ask('GET http://other.example/v1', 'Host: other.example')).toBe('host');
  }
  for (const origin of origins) await origin.close();
});

test('a method that no route takes is 404, like a path that none takes', async () => {
  await using origin = await named('reads');
  await using gateway = await startTestGateway({ upstream: origin.port, route: { match: { path: '/a', methods: ['GET'] } } });
  expect(await asked(gateway.port, 'GET /a')).toBe('reads');
  expect(await asked(gateway.port, 'HEAD /a/b')).toBe('');
  const line = await gateway.log.one(({ method }) => method === 'HEAD');
  expect(line).toMatchObject({ route: '_none', status: 404, code: 'OPERATION_NOT_FOUND' });
  expect(origin.requests).toHaveLength(1);
});

test('stripPrefix and preserveHost', async () => {
  await using origin = await startOrigin();
  const routes = [
    route('kept', origin, { path: '/kept' }),
    route('cut', origin, { path: '/cut/v1' }, {}, { stripPrefix: '/cut', preserveHost: false }),
  ];
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { routes } });
  for (const target of ['/kept/a?b', '/cut/v1/x%20y?q=/cut', '/cut/v1', '/%63ut/v1/z', 'http://h.example/cut/v1?'])
    expect((await exchangeRaw(gateway.port, [`GET ${target} HTTP/1.1`, 'Host: h.example'])).status).toBe(200);
  expect(origin.requests.map(({ target, headers }) => [target, header(headers, 'host')])).toEqual([
    ['/kept/a?b', 'h.example'],
    ['/v1/x%20y?q=/cut', `127.0.0.1:${origin.port}`],
    ['/v1', `127.0.0.1:${origin.port}`],
    ['/v1/z', `127.0.0.1:${origin.port}`],
    ['/v1?', `127.0.0.1:${origin.port}`],
  ]);
});

/** A contract of one operation, which needs the query parameter `needs`. */
const contract = (path: string, needs: string): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: needs, version: '1.0.0' },
    paths: {
      [path]: {
        get: {
          operationId: `get-${needs}`,
          parameters: [{ name: needs, in: 'query', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'ok' } },
        },
      },
    },
  });

test('several contracts at once: versions by path and by header, each route held against its own', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-contracts-'));
  const file = (name: string, text: string): object => {
    writeFileSync(join(dir, name), text);
    return { openapi: join(dir, name) };
  };
  await using origin = await startOrigin();
  const policies = { contract: { request: 'enforce', response: 'off' } };
  const routes = [
    route('one', origin, { path: '/v1' }, { contract: 'v1', policies }),
    route('two', origin, { path: '/v2' }, { contract: 'v2', policies }),
    route('two-by-header', origin, { path: '/v1', headers: { 'X-Version': '2' } }, { contract: 'plain2', policies }),
    route('three', origin, { path: '/v3' }, { contract: 'v1', policies }, { stripPrefix: '/v3' }),
  ];
  const contracts = {
    v1: file('v1.json', contract('/v1/notes', 'a')),
    v2: file('v2.json', contract('/v2/notes', 'b')),
    plain2: file('plain2.json', contract('/v1/notes', 'c')),
  };
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { routes, contracts } });
  const status = async (target: string, ...fields: readonly string[]): Promise<number> =>
    (await exchangeRaw(gateway.port, [`GET ${target} HTTP/1.1`, 'Host: x', ...fields])).status;
  expect([await status('/v1/notes?a=1'), await status('/v1/notes?b=1')]).toEqual([200, 422]);
  expect([await status('/v2/notes?a=1'), await status('/v2/notes?b=1')]).toEqual([422, 200]);
  expect([await status('/v1/notes?a=1', 'X-Version: 2'), await status('/v1/notes?c=1', 'X-Version: 2')]).toEqual([422, 200]);
  // The contract judges the path that the upstream sees.
  expect([await status('/v3/v1/notes?a=1'), await status('/v3/notes?a=1')]).toEqual([200, 404]);
  await gateway.idle();
  const metrics = await gateway.metrics();
  const counted = (api: string, operation: string, outcome: string): number =>
    metrics.value('plumbline_contract_checks_total', { api, operation, side: 'request', outcome });
  expect([counted('v1', 'get-a', 'valid'), counted('v2', 'get-b', 'valid'), counted('plain2', 'get-c', 'invalid')]).toEqual([2, 1, 1]);
  rmSync(dir, { recursive: true });
});
