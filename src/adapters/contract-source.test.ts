import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_FILES, MAX_FILE_BYTES, contractSource } from './contract-source.ts';
import { RemoteFiles } from './contract-source/remote-files.ts';
import { RemoteReading } from './contract-source/remote-reading.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-contract-'));
});
afterAll(() => rm(dir, { recursive: true }));

const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(dir, name), text);
  return join(dir, name);
};

describe('contractSource', () => {
  it('reads files, and names what cannot be read', async () => {
    const { read } = contractSource();
    expect(new TextDecoder().decode(await read(await file('a.yaml', 'a: 1')))).toBe('a: 1');
    await expect(read(join(dir, 'none.yaml'))).rejects.toThrow(/cannot read .*none\.yaml: no such file/);
    await expect(read(dir)).rejects.toThrow(/not a file|directory/);
    await expect(read('/dev/zero')).rejects.toThrow(/not a file/);
  });

  it('refuses a file that is too large without reading it', async () => {
    const large = await file('large.json', '');
    await truncate(large, MAX_FILE_BYTES + 1);
    await expect(contractSource().read(large)).rejects.toThrow(/larger than 64 MiB/);
  });

  it('bounds the number of files', async () => {
    const { read } = contractSource();
    const one = await file('one.yaml', 'x');
    for (let i = 0; i < MAX_FILES; i++) await read(join(dir, `none-${i}`)).catch(() => undefined);
    await expect(read(one)).rejects.toThrow(/more than 1000 files/);
  });

  it.each([
    ['common.yaml', '/c/d/common.yaml'],
    ['./common.yaml', '/c/d/common.yaml'],
    ['../common.yaml', '/c/common.yaml'],
    ['with%20blank.yaml', '/c/d/with blank.yaml'],
    ['/abs/a.yaml', '/abs/a.yaml'],
    [pathToFileURL('/abs/a b.yaml').href, '/abs/a b.yaml'],
  ])('%s is relative to the file that refers to it', (ref, path) => {
    expect(contractSource().resolve('/c/d/api.yaml', ref)).toBe(path);
  });

  it('fetches what is a URL, once', async () => {
    const asked: string[] = [];
    const remote = new RemoteFiles({
      root: '',
      fetch: async (url) => {
        asked.push(url);
        return { is: 'new', bytes: Buffer.from('b: 1'), validators: { etag: '"1"', lastModified: undefined }, foundAt: `${url}/moved/` };
      },
    });
    const { read, resolve } = contractSource({ refs: 'https', remote: new RemoteReading(remote) });
    expect(new TextDecoder().decode(await read('https://x.example/b.yaml'))).toBe('b: 1');
    await read('https://x.example/b.yaml');
    expect(asked).toEqual(['https://x.example/b.yaml']);
    expect(resolve('https://x.example/b.yaml', 'c.yaml')).toBe('https://x.example/b.yaml/moved/c.yaml');
  });
});
