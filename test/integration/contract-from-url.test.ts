import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StartError } from '../../src/app/start-error.ts';
import { type DocumentServer, startDocumentServer } from '../kit/document-server.ts';
import type { GatewayOptions } from '../kit/gateway-config.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { type ReloadingGateway, UNWATCHED, startReloading } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

interface Item {
  readonly version: string;
  readonly state: string;
  readonly error?: string;
}

/** Takes `?n=` as one of these. */
function document(version: string, values: readonly string[] = ['1'], schema: object = { enum: values }): string {
  const parameters = [{ name: 'n', in: 'query', schema }];
  const operation = { parameters, responses: { 200: { description: 'ok' } } };
  return JSON.stringify({ openapi: '3.1.0', info: { title: 't', version }, paths: { '/': { get: operation } } });
}

let server: DocumentServer;
let origin: Origin;
beforeEach(async () => {
  server = await startDocumentServer({ '/v/api.json': document('1') });
  origin = await startOrigin((_, res) => void res.end('ok'));
});
afterEach(async () => {
  await server.close();
  await origin[Symbol.asyncDispose]();
});

function options(more: object = {}, sections: object = UNWATCHED): GatewayOptions {
  return {
    upstream: origin.port,
    route: { contract: 'api', policies: { contract: { request: 'enforce' } } },
    sections: { ...sections, contracts: { api: { openapi: `${server.url}/v/api.json`, ...more } } },
  };
}

const ask = async (gateway: { port(): number } | { port: number }, n: string): Promise<number> => {
  const port = typeof gateway.port === 'number' ? gateway.port : gateway.port();
  return (await exchangeRaw(port, [`GET /?n=${n} HTTP/1.1`, 'Host: a'])).status;
};
const item = async (gateway: ReloadingGateway): Promise<Item> =>
  (await gateway.admin<{ items: Item[] }>('/api/contracts')).items[0] as Item;
const metric = async (gateway: ReloadingGateway, name: string, labels: Record<string, string> = {}): Promise<number> =>
  (await gateway.metrics()).value(`plumbline_${name}`, { api: 'api', ...labels });

describe('a contract from a URL', () => {
  test('is asked for again at SIGHUP, by its entity tag, and taken where it has changed', async () => {
    await using gateway = await startReloading(options());
    expect([await ask(gateway, '1'), await ask(gateway, '2')]).toEqual([200, 422]);
    await gateway.gateway.reload();
    expect(server.log).toEqual(['GET /v/api.json 200', 'GET /v/api.json 304']);
    expect([await gateway.generation(), (await item(gateway)).version]).toEqual([1, '1']);
    server.files.set('/v/api.json', document('2', ['2']));
    await gateway.gateway.reload();
    expect([await ask(gateway, '1'), await ask(gateway, '2'), (await item(gateway)).version]).toEqual([422, 200, '2']);
    expect(
      await Promise.all(['fetched', 'not_modified', 'failed'].map((outcome) => metric(gateway, 'contract_fetches_total', { outcome }))),
    ).toEqual([2, 1, 0]);
  });

  test('is asked for again by itself, every `poll`', async () => {
    await using gateway = await startReloading(options({ poll: '1s' }, { drain: { grace: '200ms' } }));
    server.files.set('/v/api.json', document('2', ['2']));
    await gateway.reaches(2);
    expect(await ask(gateway, '2')).toBe(200);
    expect(server.log.length).toBeLessThan(5);
  });

  test('that is bad is refused and told of; the good one stays, until a good one comes', async () => {
    await using gateway = await startReloading(options());
    server.files.set('/v/api.json', '{"openapi": "3.1.0",');
    await gateway.gateway.reload();
    expect(await item(gateway)).toMatchObject({ version: '1', state: 'refused', error: expect.stringContaining('/v/api.json:1:') });
    expect([await ask(gateway, '1'), await ask(gateway, '2')]).toEqual([200, 422]);
    expect([await metric(gateway, 'contract_reload_success'), await metric(gateway, 'contract_fetch_success')]).toEqual([0, 1]);
    server.files.set('/v/api.json', document('3', ['3']));
    await gateway.gateway.reload();
    expect([(await item(gateway)).state, await ask(gateway, '3'), await metric(gateway, 'contract_reload_success')]).toEqual([
      'active',
      200,
      1,
    ]);
  });

  test('whose server is away, or says something else, is no bad version: what was fetched stays in force', async () => {
    await using gateway = await startReloading(options());
    for (const status of [500, 404, 401]) {
      server.answer = (_, res) => res.writeHead(status).end('<html>') !== undefined;
      await gateway.gateway.reload();
    }
    await server.close();
    await gateway.gateway.reload();
    expect(await item(gateway)).toMatchObject({ version: '1', state: 'active' });
    expect([await ask(gateway, '1'), await ask(gateway, '2'), await gateway.generation()]).toEqual([200, 422, 1]);
    expect([await metric(gateway, 'contract_reload_success'), await metric(gateway, 'contract_fetch_success')]).toEqual([1, 0]);
    expect(await metric(gateway, 'contract_fetches_total', { outcome: 'failed' })).toBe(4);
    // Another setting makes another contract of the same bytes, which nobody can fetch now.
    await gateway.reload(options({ basePath: '/v2' }));
    expect((await exchangeRaw(gateway.port(), ['GET /v2/?n=1 HTTP/1.1', 'Host: a'])).status).toBe(200);
  });
});

describe('a URL that cannot be had at the start', () => {
  test('stops it, and is named', async () => {
    server.files.clear();
    const starting = startTestGateway(options());
    await expect(starting).rejects.toThrow(StartError);
    await expect(starting).rejects.toMatchObject({
      problems: [{ code: 'file_unreadable', message: `cannot fetch ${server.url}/v/api.json: it answered 404` }],
    });
  });

  test('with `onError: proxy` lets traffic pass unjudged, and is asked for until it is there', async () => {
    server.files.clear();
    await using gateway = await startReloading(options({ onError: 'proxy' }, { drain: { grace: '200ms' } }));
    expect([await ask(gateway, '2'), (await item(gateway)).state]).toEqual([200, 'missing']);
    await until(
      async () => (await metric(gateway, 'contract_checks_total', { outcome: 'skipped', reason: 'no_contract' })) > 0,
      'the skipped check',
    );
    expect([await metric(gateway, 'contract_reload_success'), await metric(gateway, 'contract_fetch_success')]).toEqual([0, 0]);
    server.files.set('/v/api.json', document('1'));
    await gateway.reaches(2);
    expect([await ask(gateway, '2'), (await item(gateway)).state, await metric(gateway, 'contract_fetch_success')]).toEqual([
      422,
      'active',
      1,
    ]);
  });
});

describe('references', () => {
  const referring = (ref: string): string => document('1', [], { $ref: ref });

  test('of what was fetched are fetched from the same origin, and watched like it', async () => {
    server.files.set('/v/api.json', referring('../parts.json#/N'));
    server.files.set('/parts.json', JSON.stringify({ N: { enum: ['1'] } }));
    await using gateway = await startReloading(options());
    expect([await ask(gateway, '1'), await ask(gateway, '2')]).toEqual([200, 422]);
    server.files.set('/parts.json', JSON.stringify({ N: { enum: ['2'] } }));
    await gateway.gateway.reload();
    expect([await ask(gateway, '1'), await ask(gateway, '2')]).toEqual([422, 200]);
    server.files.delete('/parts.json');
    await gateway.gateway.reload();
    expect([await ask(gateway, '2'), (await item(gateway)).state]).toEqual([200, 'active']);
  });

  test('to another origin, to plain http and to files are refused, whatever is allowed', async () => {
    await using other = await startDocumentServer({ '/parts.json': JSON.stringify({ N: { enum: ['1'] } }) });
    for (const [ref, refs] of [
      [`${other.url}/parts.json#/N`, 'files'],
      [`${other.url}/parts.json#/N`, 'https'],
      ['https://169.254.169.254/latest/meta-data#/N', 'https'],
      ['file:///etc/hostname', 'https'],
    ] as const) {
      server.files.set('/v/api.json', referring(ref));
      await expect(startTestGateway(options({ refs }))).rejects.toMatchObject({
        problems: [{ code: expect.stringMatching(/^(remote_reference|bad_reference|file_unreadable)$/) }],
      });
    }
    expect(other.log).toEqual([]);
  });

  test('of a file to https need `refs: https`', async () => {
    const dir = (of: string) => (path: string) => {
      writeFileSync(join(path, 'api.json'), of);
      return options({ openapi: 'api.json' });
    };
    await expect(startReloading(dir(referring('https://a.invalid/parts.json#/N')))).rejects.toMatchObject({
      problems: [{ code: 'remote_reference', message: 'remote references need `refs: https`: https://a.invalid/parts.json' }],
    });
  });
});
