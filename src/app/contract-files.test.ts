import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { settingsOf } from '../../test/kit/gateway-config.ts';
import { RemoteFiles } from '../adapters/contract-source/remote-files.ts';
import type { ContractSettings } from '../config/settings.ts';
import { filesOf, isCurrent, readContract, urlsOf } from './contract-files.ts';

const PART = 'https://a.example/part.json';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-contract-files-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const settings = (): ContractSettings =>
  settingsOf({ upstream: 1, sections: { contracts: { api: { openapi: 'api.json', refs: 'https' } } } }, dir).contracts
    .api as ContractSettings;

function write(version: string): void {
  const schema = { $ref: PART };
  const get = { parameters: [{ name: 'n', in: 'query', schema }], responses: { 200: { description: 'ok' } } };
  writeFileSync(join(dir, 'api.json'), JSON.stringify({ openapi: '3.1.0', info: { title: 't', version }, paths: { '/': { get } } }));
}

/** `during`: what happens while the part is fetched. */
const remote = (during: () => void): RemoteFiles =>
  new RemoteFiles({
    root: join(dir, 'api.json'),
    fetch: async (url) => {
      during();
      return { is: 'new', bytes: Buffer.from('{"type":"integer"}'), validators: { etag: '"1"', lastModified: undefined }, foundAt: url };
    },
  });

it('what changes while it is read is read again: a contract is made of what was there at one moment', async () => {
  write('1');
  const of = remote(() => write('2'));
  const read = await readContract(settings(), of);
  expect(read.result.contract?.version).toBe('2');
  expect(await isCurrent(read, settings(), of)).toBe(true);
  write('3');
  expect(await isCurrent(read, settings(), of)).toBe(false);
});

it('what never rests is taken as it is', async () => {
  write('0');
  let n = 0;
  const of = remote(() => undefined);
  const get = of.get.bind(of);
  of.get = (url) => {
    n += 1;
    write(String(n));
    return get(url);
  };
  expect((await readContract(settings(), of)).result.contract).toBeDefined();
  expect(n).toBe(3);
});

it('what lies on this machine is watched, what comes over the network asked for', async () => {
  write('1');
  const read = await readContract(
    settings(),
    remote(() => undefined),
  );
  expect(filesOf(read).map(({ path }) => path)).toEqual([join(dir, 'api.json')]);
  expect(urlsOf(read)).toEqual([PART]);
});

it('keeps every byte that the contract is made of', async () => {
  write('1');
  const { documents, result } = await readContract(
    settings(),
    remote(() => undefined),
  );
  expect([...(documents?.files.keys() ?? [])].sort()).toEqual([join(dir, 'api.json'), PART].sort());
  expect([documents?.digest, documents?.refs]).toEqual([result.contract?.digest, 'https']);
});
