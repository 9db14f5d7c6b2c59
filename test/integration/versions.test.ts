import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AccessLines } from '../kit/access-lines.ts';
import { type CollectedSpan, startCollector } from '../kit/collector.ts';
import { type TestGateway, startTestGateway } from '../kit/gateway.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

/** Each version has a member of its own in what it takes: a body that is right for one is wrong for the other. */
const document = (version: string, path: string, type: string): object => ({
  openapi: '3.1.0',
  info: { title: 'Billing', version },
  paths: {
    [path]: {
      post: {
        operationId: 'createInvoice',
        requestBody: {
          required: true,
          content: {
            [type]: { schema: { type: 'object', required: [`of${version[0]}`], properties: { [`of${version[0]}`]: { type: 'string' } } } },
          },
        },
        responses: { 201: { description: 'made' } },
      },
    },
  },
});

/** The same two versions, told apart in four ways: what a request for each looks like, and the routes. */
const WAYS: Record<
  string,
  {
    readonly match: readonly [object, object];
    readonly path?: string;
    readonly type?: (v: number) => string;
    readonly fields: (v: number) => readonly string[];
  }
> = {
  path: { match: [{ path: '/v1' }, { path: '/v2' }], fields: () => ['Host: a'] },
  header: { match: [{}, { headers: { 'X-Api-Version': '2' } }], fields: (v) => ['Host: a', ...(v === 2 ? ['X-Api-Version: 2'] : [])] },
  'media type': {
    match: [{ mediaType: 'application/vnd.billing.v1+json' }, { mediaType: 'application/vnd.billing.v2+json' }],
    type: (v) => `application/vnd.billing.v${v}+json`,
    fields: () => ['Host: a'],
  },
  Accept: {
    match: [{}, { mediaType: 'application/vnd.billing+json;version=2' }],
    fields: (v) => ['Host: a', `Accept: application/vnd.billing+json; version=${v}, application/json;q=0.5`],
  },
  host: { match: [{ host: 'v1.billing.example' }, { host: 'v2.billing.example' }], fields: (v) => [`Host: v${v}.billing.example`] },
};

test.each(Object.keys(WAYS))('two versions of a contract at once, by %s: each request is judged by its own', async (name) => {
  const { match, type = () => 'application/json', fields } = WAYS[name] as (typeof WAYS)[string];
  const target = (v: number): string => (name === 'path' ? `/v${v}/invoices` : '/invoices');
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-versions-'));
  for (const v of [1, 2]) writeFileSync(join(dir, `v${v}.json`), JSON.stringify(document(`${v}.3.0`, target(v), type(v))));
  await using origin = await startOrigin((_req, res) => void res.writeHead(201, { 'Content-Length': '0' }).end());
  await using collector = await startCollector();
  await using gateway = await startTestGateway({
    upstream: origin.port,
    sections: {
      // Enforced: then a busy machine skips no body.
      policies: { contract: { request: 'enforce' } },
      telemetry: { accessLog: join(dir, 'access.log'), traces: { otlp: collector.url, sample: 1 } },
      contracts: { v1: { openapi: join(dir, 'v1.json') }, v2: { openapi: join(dir, 'v2.json') } },
      routes: [1, 2].map((v) => ({ name: `r${v}`, listener: 'main', match: match[v - 1], upstream: origin.url, contract: `v${v}` })),
    },
  });
  const send = (v: number, body: object): ReturnType<typeof exchangeRaw> => {
    const text = JSON.stringify(body);
    const head = [`POST ${target(v)} HTTP/1.1`, ...fields(v), `Content-Type: ${type(v)}`, `Content-Length: ${text.length}`];
    return exchangeRaw(gateway.port, head, text);
  };
  for (const v of [1, 2]) {
    expect((await send(v, { [`of${v}`]: 'x' })).status).toBe(201);
    expect((await send(v, { [`of${3 - v}`]: 'x' })).status).toBe(422);
  }
  await gateway.idle();
  const metrics = await gateway.metrics();
  for (const v of [1, 2]) {
    for (const outcome of ['valid', 'invalid'])
      expect(metrics.value('plumbline_contract_checks_total', { api: `v${v}`, side: 'request', outcome })).toBe(1);
    expect(metrics.value('plumbline_contract_info', { api: `v${v}`, contract_version: `${v}.3.0` })).toBe(1);
    expect(metrics.value('plumbline_requests_total', { api: `v${v}`, operation: 'createInvoice' })).toBe(2);
  }
  const { items } = await violations(gateway);
  expect(items.map((item) => [item.api, item.contractVersion, item.pointer]).sort()).toEqual([
    ['v1', '1.3.0', '/of1'],
    ['v2', '2.3.0', '/of2'],
  ]);
  const { items: contracts } = (await (await fetch(`${gateway.adminUrl}/api/contracts`)).json()) as {
    items: readonly { name: string; digest: string }[];
  };
  const lines = await new AccessLines(join(dir, 'access.log')).wait(4);
  expect(lines.map((line) => `${line.api} ${line.contract_version}`).sort()).toEqual(['v1 1.3.0', 'v1 1.3.0', 'v2 2.3.0', 'v2 2.3.0']);
  await gateway.drain();
  const spans = servers(collector.spans);
  expect(spans).toHaveLength(4);
  const digests = new Map(contracts.map(({ name: api, digest }) => [api, digest]));
  for (const { attributes } of spans) {
    const api = String(attributes['plumbline.api']);
    expect(attributes['plumbline.contract.version']).toBe(`${api[1]}.3.0`);
    expect(attributes['plumbline.contract.digest']).toBe(digests.get(api));
  }
  rmSync(dir, { recursive: true, force: true });
});

const servers = (spans: readonly CollectedSpan[]): readonly CollectedSpan[] => spans.filter(({ kind }) => kind === 2);

interface Listed {
  readonly items: ReadonlyArray<{
    readonly api: string;
    readonly contractVersion: string;
    readonly pointer: string;
    readonly consumer: { readonly name: string; readonly team?: string };
  }>;
}

async function violations(gateway: TestGateway): Promise<Listed> {
  return (await (await fetch(`${gateway.adminUrl}/api/violations`)).json()) as Listed;
}

test('an exchange keeps the version that it began with, whatever is reloaded meanwhile', async () => {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await using origin = await startOrigin(async (req, res) => {
    if (req.url === '/slow') {
      arrived.resolve();
      await released.promise;
    }
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '2' }).end('{}');
  });
  const documentOf = (version: string, day: string): object => ({
    openapi: '3.1.0',
    info: { title: 'T', version },
    paths: Object.fromEntries(
      ['/slow', '/quick'].map((path) => [
        path,
        {
          get: {
            deprecated: true,
            'x-deprecation': { at: day },
            responses: { 200: { description: '', content: { 'application/json': { schema: { type: 'object', required: [version] } } } } },
          },
        },
      ]),
    ),
  });
  const options = (version: string, day: string) => ({
    upstream: origin.port,
    openapi: documentOf(version, day),
    sections: { ...UNWATCHED, policies: { contract: { response: 'enforce' } } },
  });
  await using gateway = await startReloading(options('1.0.0', '2026-01-01'));
  const ask = (path: string): ReturnType<typeof exchangeRaw> => exchangeRaw(gateway.port(), [`GET ${path} HTTP/1.1`, 'Host: a']);
  const deprecated = ({ headers }: Awaited<ReturnType<typeof ask>>): string | undefined => headers[headers.indexOf('Deprecation') + 1];
  const slow = ask('/slow');
  await arrived.promise;
  await gateway.reload(options('2.0.0', '2026-02-01'));
  expect(deprecated(await ask('/quick'))).toBe('@1769904000');
  released.resolve();
  expect(deprecated(await slow)).toBe('@1767225600');
  const items = await until(async () => {
    const { items: found } = await gateway.admin<Listed>('/api/violations');
    return found.length === 2 && found;
  }, 'both judged');
  expect(items.map(({ contractVersion, pointer }) => [contractVersion, pointer])).toEqual([
    ['1.0.0', '/1.0.0'],
    ['2.0.0', '/2.0.0'],
  ]);
});

test('consumers: who they are is shown where they are, and what they were built on is held against the contract', async () => {
  await using origin = await startOrigin((_req, res) => void res.writeHead(201, { 'Content-Length': '0' }).end());
  await using gateway = await startTestGateway({
    upstream: origin.port,
    openapi: document('2.1.0', '/invoices', 'application/json'),
    route: { policies: { contract: { request: 'enforce' } } },
    sections: { consumers: { shop: { team: 'web', oncall: '#web', contracts: { api: '1.4' } } } },
  });
  const ask = async (...fields: readonly string[]): Promise<void> => {
    await exchangeRaw(
      gateway.port,
      ['POST /invoices HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 2', ...fields],
      '{}',
    );
  };
  await ask('X-Consumer-Name: shop');
  await ask('X-Consumer-Name: shop', 'X-Contract-Version: 2.1');
  await ask('X-Consumer-Name: cron', 'X-Contract-Version: 2.2.0');
  await ask('X-Consumer-Name: other');
  await gateway.idle();
  const metrics = await gateway.metrics();
  const skew = (consumer: string, kind: string): number =>
    metrics.value('plumbline_consumer_contract_skew_total', { api: 'api', consumer, skew: kind });
  expect([skew('shop', 'behind_major'), skew('shop', 'same'), skew('cron', 'ahead_minor')]).toEqual([1, 1, 1]);
  expect(metrics.value('plumbline_consumer_contract_skew_total')).toBe(3);
  expect(metrics.value('plumbline_drift_observations_total', { kind: 'contract_skew' })).toBe(2);
  const { items } = await violations(gateway);
  expect(items.map(({ consumer }) => consumer).filter(({ name }) => name !== 'cron')).toEqual([
    { name: 'other', version: '' },
    { name: 'shop', version: '', team: 'web', oncall: '#web' },
    { name: 'shop', version: '', team: 'web', oncall: '#web' },
  ]);
});
