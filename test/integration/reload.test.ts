import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GatewayOptions, configurationText } from '../kit/gateway-config.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { BY_EVENT, BY_POLL, type ReloadingGateway, UNWATCHED, replaceFile, startFrom, startReloading } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

/** An origin that says which one it is. */
const named = (name: string): Promise<Origin> =>
  startOrigin((_, res) => {
    res.writeHead(200, ['Content-Length', String(name.length)]);
    res.end(name);
  });

const ask = async (gateway: ReloadingGateway): Promise<string> => {
  const { status, body } = await exchangeRaw(gateway.port(), ['GET / HTTP/1.1', 'Host: a']);
  return `${status} ${body}`;
};

const bad = (of: GatewayOptions): GatewayOptions => ({ ...of, sections: { ...of.sections, listners: {} } });

describe('a changed file takes effect', () => {
  const ways: Record<string, (gateway: ReloadingGateway, text: string) => void> = {
    'renamed over': ({ file }, text) => replaceFile(file, text),
    'written in place': ({ file }, text) => writeFileSync(file, text),
  };
  for (const [how, sections] of [
    ['by event', BY_EVENT],
    ['by polling', BY_POLL],
  ] as const) {
    test.each(Object.keys(ways))(`%s, found ${how}`, async (way) => {
      await using one = await named('one');
      await using two = await named('two');
      await using gateway = await startReloading({ upstream: one.port, sections });
      expect(await ask(gateway)).toBe('200 one');
      (ways[way] as (typeof ways)[string])(gateway, configurationText({ upstream: two.port, sections }, gateway.dir));
      await gateway.reaches(2);
      expect(await ask(gateway)).toBe('200 two');
    });
  }

  test('behind the links of a mounted volume that are swapped at once', async () => {
    await using one = await named('one');
    await using two = await named('two');
    // As the kubelet mounts a ConfigMap: each file is a link to ..data/<file>, ..data a link to a dated directory.
    const dir = mkdtempSync(join(tmpdir(), 'plumbline-mount-'));
    const swap = (version: string, upstream: number): void => {
      mkdirSync(join(dir, `..${version}`));
      writeFileSync(join(dir, `..${version}`, 'plumbline.yaml'), configurationText({ upstream, sections: BY_EVENT }, dir));
      symlinkSync(`..${version}`, join(dir, '..data_tmp'));
      renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
    };
    swap('v1', one.port);
    symlinkSync(join('..data', 'plumbline.yaml'), join(dir, 'plumbline.yaml'));
    await using gateway = await startFrom(dir, join(dir, 'plumbline.yaml'));
    expect(await ask(gateway)).toBe('200 one');
    swap('v2', two.port);
    await gateway.reaches(2);
    expect(await ask(gateway)).toBe('200 two');
  });

  test('once, and what else happens in its directory is nobody’s concern', async () => {
    await using one = await named('one');
    await using gateway = await startReloading({ upstream: one.port, sections: BY_EVENT });
    writeFileSync(join(gateway.dir, 'other.yaml'), 'x');
    replaceFile(
      gateway.file,
      configurationText({ upstream: one.port, sections: { ...BY_EVENT, errors: { detail: 'none' } } }, gateway.dir),
    );
    await gateway.reaches(2);
    replaceFile(gateway.file, configurationText({ upstream: one.port, sections: BY_EVENT }, gateway.dir));
    await gateway.reaches(3);
    expect(await gateway.generation()).toBe(3);
    expect((await gateway.metrics()).value('plumbline_config_reloads_total', { outcome: 'taken' })).toBe(2);
  });
});

describe('a bad version never replaces a good one', () => {
  const refused = async (gateway: ReloadingGateway): Promise<number[]> => {
    const metrics = await gateway.metrics();
    return [metrics.value('plumbline_config_reload_success'), metrics.value('plumbline_config_reloads_total', { outcome: 'refused' })];
  };

  test.each([
    ['with an unknown key', (of: GatewayOptions, dir: string) => configurationText(bad(of), dir)],
    ['that is no YAML', () => 'routes: [\n  broken'],
    ['that is empty', () => ''],
    ['that is not UTF-8', () => Buffer.from([0xff, 0xfe, 0x00])],
    [
      'that names a contract which is not there',
      (of: GatewayOptions, dir: string) =>
        configurationText({ ...of, sections: { ...of.sections, contracts: { x: { openapi: 'absent.yaml' } } } }, dir),
    ],
  ])('%s is refused, reported once, and a good one is taken later', async (_, text) => {
    await using one = await named('one');
    await using two = await named('two');
    const options = { upstream: one.port, sections: BY_POLL };
    await using gateway = await startReloading(options);
    expect(await refused(gateway)).toEqual([1, 0]);
    writeFileSync(gateway.file, text(options, gateway.dir));
    await until(async () => (await refused(gateway))[0] === 0, 'the refusal');
    // Some polls later it is still the same bad file.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await refused(gateway)).toEqual([0, 1]);
    expect([await ask(gateway), await gateway.generation()]).toEqual(['200 one', 1]);
    replaceFile(gateway.file, configurationText({ ...options, upstream: two.port }, gateway.dir));
    await gateway.reaches(2);
    expect([await ask(gateway), await refused(gateway)]).toEqual(['200 two', [1, 1]]);
  });

  test('and the old one, put back, is as if nothing had been', async () => {
    await using one = await named('one');
    const options = { upstream: one.port, sections: UNWATCHED };
    await using gateway = await startReloading(options);
    await gateway.reload('');
    expect(await refused(gateway)).toEqual([0, 1]);
    await gateway.reload(options);
    expect([await gateway.generation(), ...(await refused(gateway))]).toEqual([1, 1, 1]);
  });
});

describe('contracts', () => {
  const document = (version: string): object => ({
    openapi: '3.1.0',
    info: { title: 't', version },
    paths: { '/': { get: { responses: { 200: { description: 'ok' } } } } },
  });
  interface Items {
    readonly items: readonly { readonly version: string; readonly state: string; readonly error?: string; readonly loadedAt: string }[];
  }

  test('that change are taken without the configuration changing, bad ones are shown as refused', async () => {
    await using one = await named('one');
    await using gateway = await startReloading({ upstream: one.port, openapi: document('1'), sections: BY_EVENT });
    const file = join(gateway.dir, 'openapi.json');
    const item = async (): Promise<Items['items'][number]> =>
      (await gateway.admin<Items>('/api/contracts')).items[0] as Items['items'][number];
    expect(await item()).toMatchObject({ version: '1', state: 'active' });
    writeFileSync(file, '{"openapi": "3.1.0", "paths": [');
    await until(async () => (await item()).state === 'refused', 'the refusal');
    expect(await item()).toMatchObject({ version: '1', error: expect.stringContaining('openapi.json:1:') });
    expect((await gateway.metrics()).value('plumbline_contract_reload_success', { api: 'api' })).toBe(0);
    expect([await ask(gateway), await gateway.generation()]).toEqual(['200 one', 1]);
    writeFileSync(file, JSON.stringify(document('2')));
    await until(async () => (await item()).version === '2', 'the new contract');
    expect(await item()).toMatchObject({ state: 'active' });
    const metrics = await gateway.metrics();
    expect(metrics.value('plumbline_contract_reload_success', { api: 'api' })).toBe(1);
    expect(metrics.value('plumbline_contract_info', { contract_version: '1' })).toBe(0);
    expect(await gateway.generation()).toBe(2);
  });
});

test('what nobody asked for is not read: without a watch a changed file waits for a SIGHUP', async () => {
  await using one = await named('one');
  await using two = await named('two');
  await using gateway = await startReloading({ upstream: one.port, sections: UNWATCHED });
  replaceFile(gateway.file, configurationText({ upstream: two.port, sections: UNWATCHED }, gateway.dir));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await ask(gateway)).toBe('200 one');
  await gateway.gateway.reload();
  expect(await ask(gateway)).toBe('200 two');
});

test('a watch can be switched on by a reload', async () => {
  await using one = await named('one');
  await using gateway = await startReloading({ upstream: one.port, sections: UNWATCHED });
  await gateway.reload({ upstream: one.port, sections: BY_EVENT });
  replaceFile(gateway.file, configurationText({ upstream: one.port, sections: UNWATCHED }, gateway.dir));
  await gateway.reaches(3);
  expect(await gateway.generation()).toBe(3);
});

test('readings that are asked for at once are one, after the one that runs', async () => {
  await using one = await named('one');
  await using gateway = await startReloading({ upstream: one.port, sections: UNWATCHED });
  await Promise.all(Array.from({ length: 20 }, () => gateway.gateway.reload()));
  expect((await gateway.metrics()).value('plumbline_config_reloads_total', { outcome: 'unchanged' })).toBe(2);
});

test('a gateway that drains takes nothing any more', async () => {
  await using one = await named('one');
  await using two = await named('two');
  const drain = { delay: '400ms', grace: '200ms' };
  await using gateway = await startReloading({ upstream: one.port, sections: { ...UNWATCHED, drain } });
  const drained = gateway.gateway.drain();
  await gateway.reload({ upstream: two.port, sections: { ...UNWATCHED, drain } });
  expect(await ask(gateway)).toBe('200 one');
  expect(await gateway.generation()).toBe(1);
  await drained;
});

test('an exchange ends with the configuration that it began with', async () => {
  const answers: (() => void)[] = [];
  await using one = await startOrigin((_, res) => {
    answers.push(() => res.end('one'));
  });
  await using two = await named('two');
  await using gateway = await startReloading({ upstream: one.port, sections: UNWATCHED });
  const first = ask(gateway);
  await until(() => answers.length === 1, 'the request');
  await gateway.reload({ upstream: two.port, sections: UNWATCHED });
  expect(await ask(gateway)).toBe('200 two');
  answers[0]?.();
  expect(await first).toBe('200 one');
});
