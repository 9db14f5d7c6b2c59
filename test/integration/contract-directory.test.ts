import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayOptions } from '../kit/gateway-config.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { BY_EVENT, BY_POLL, type ReloadingGateway, startReloading } from '../kit/reloading.ts';
import { SteadyLoad } from '../kit/steady-load.ts';
import { until } from '../kit/until.ts';

/** `n` must be what `parts.json` says. */
const ROOT = (version: string): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 't', version },
    paths: {
      '/': {
        get: {
          parameters: [{ name: 'n', in: 'query', schema: { $ref: 'parts/n.json' } }],
          responses: { 200: { description: 'ok' } },
        },
      },
    },
  });

let dir: string;
let origin: Origin;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-directory-'));
  origin = await startOrigin((_, res) => void res.end('ok'));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await origin[Symbol.asyncDispose]();
});

const options = (sections: object, path: string): GatewayOptions => ({
  upstream: origin.port,
  route: { contract: 'api', policies: { contract: { request: 'enforce' } } },
  sections: { ...sections, contracts: { api: { openapi: path } } },
});

/** A version of the contract: takes `n=<version>` and nothing else. */
function write(into: string, version: string, name = 'openapi.json'): void {
  mkdirSync(join(into, 'parts'), { recursive: true });
  writeFileSync(join(into, name), ROOT(version));
  writeFileSync(join(into, 'parts', 'n.json'), JSON.stringify({ const: Number(version) }));
}

interface Item {
  readonly version: string;
  readonly state: string;
  readonly error?: string;
}
const item = async (gateway: ReloadingGateway): Promise<Item> =>
  (await gateway.admin<{ items: Item[] }>('/api/contracts')).items[0] as Item;
const status = async (gateway: ReloadingGateway, n: string): Promise<number> =>
  (await exchangeRaw(gateway.port(), [`GET /?n=${n} HTTP/1.1`, 'Host: a'])).status;

describe('a directory', () => {
  test.each([
    ['by events', BY_EVENT],
    ['by polling', BY_POLL],
  ])('is its document, which is watched with what it refers to: %s', async (_, sections) => {
    write(dir, '1');
    await using gateway = await startReloading(options(sections, dir));
    expect([await status(gateway, '1'), await status(gateway, '2')]).toEqual([200, 422]);
    writeFileSync(join(dir, 'parts', 'n.json'), '{"const":2}');
    await gateway.reaches(2);
    expect([await status(gateway, '1'), await status(gateway, '2'), (await item(gateway)).version]).toEqual([422, 200, '1']);
    writeFileSync(join(dir, 'new'), ROOT('2'));
    renameSync(join(dir, 'new'), join(dir, 'openapi.json'));
    await gateway.reaches(3);
    expect((await item(gateway)).version).toBe('2');
  });

  test('that gets a second document is refused and names both; without the first the second counts', async () => {
    write(dir, '1');
    await using gateway = await startReloading(options(BY_EVENT, dir));
    write(dir, '2', 'openapi.yaml');
    await until(async () => (await item(gateway)).state === 'refused', 'the refusal');
    expect((await item(gateway)).error).toBe(
      `${dir} is a directory with several documents: ${join(dir, 'openapi.yaml')}, ${join(dir, 'openapi.json')}`,
    );
    expect((await item(gateway)).version).toBe('1');
    rmSync(join(dir, 'openapi.json'));
    await until(async () => (await item(gateway)).version === '2', 'the other document');
    expect(await status(gateway, '2')).toBe(200);
  });

  test('that has none stops the start, and is named', async () => {
    await expect(startTestGateway(options({}, dir))).rejects.toMatchObject({
      problems: [{ message: `${dir} is a directory without openapi.yaml, openapi.yml, openapi.json` }],
    });
  });

  test('that is moved away, and another put in its place, is the other', async () => {
    const [inner, other] = [join(dir, 'contracts'), join(dir, 'other')];
    write(inner, '1');
    write(other, '2');
    await using gateway = await startReloading(options(BY_POLL, inner));
    renameSync(inner, join(dir, 'old'));
    renameSync(other, inner);
    await until(async () => (await item(gateway)).version === '2', 'the other directory');
    expect([await status(gateway, '1'), await status(gateway, '2')]).toEqual([422, 200]);
  });
});

test('a mounted ConfigMap that is swapped under load is taken as a whole, never half of it, and no request is lost', async () => {
  const SWAPS = 12;
  const swap = (version: string): void => {
    write(join(dir, `..${version}`), version);
    symlinkSync(`..${version}`, join(dir, '..data_tmp'));
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
  };
  swap('1');
  // As the kubelet links what is in the volume.
  for (const name of ['openapi.json', 'parts']) symlinkSync(join('..data', name), join(dir, name));
  await using gateway = await startReloading(options(BY_EVENT, dir));
  const load = new SteadyLoad(() => gateway.port(), ['GET /?n=1 HTTP/1.1', 'Host: a'], 300);
  const versions = new Set<string>();
  for (let i = 2; i <= SWAPS; i++) {
    swap(String(i));
    await until(async () => (await item(gateway)).version === String(i), `version ${i}`, 20_000);
    // Root and part are of the same version in every contract that was in force.
    expect([await status(gateway, String(i)), await status(gateway, String(i - 1))]).toEqual([200, 422]);
    versions.add((await item(gateway)).state);
    if (i % 5 === 0) rmSync(join(dir, `..${i - 1}`), { recursive: true });
  }
  const { lost, sent, answers } = await load.stop();
  expect([lost, [...versions]]).toEqual([[], ['active']]);
  expect([...answers.values()].reduce((sum, n) => sum + n, 0)).toBe(sent);
  expect((await gateway.metrics()).value('plumbline_contract_reloads_total', { outcome: 'refused' })).toBe(0);
  expect(await gateway.generation()).toBe(SWAPS);
}, 60_000);
