import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { indexFile } from './index-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-index-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('a file, a URL and what is not there are themselves', async () => {
  writeFileSync(join(dir, 'a.yaml'), '');
  for (const path of [join(dir, 'a.yaml'), join(dir, 'none'), 'https://a.example/'])
    expect(await indexFile(path)).toEqual({ uri: path, fault: '', asked: [] });
});

it('a directory is the document in it; that it has one of the other names would count', async () => {
  mkdirSync(join(dir, 'openapi.json'));
  writeFileSync(join(dir, 'openapi.yml'), '');
  writeFileSync(join(dir, 'other.yaml'), '');
  const { uri, asked } = await indexFile(dir);
  expect(uri).toBe(join(dir, 'openapi.yml'));
  expect(asked).toEqual([dir, join(dir, 'openapi.yaml'), join(dir, 'openapi.yml'), join(dir, 'openapi.json')]);
});

it('a directory with none, or with several, says so', async () => {
  expect(await indexFile(dir)).toMatchObject({ uri: undefined, fault: 'is a directory without openapi.yaml, openapi.yml, openapi.json' });
  for (const name of ['openapi.yaml', 'openapi.json']) writeFileSync(join(dir, name), '');
  const { uri, fault } = await indexFile(dir);
  expect(uri).toBeUndefined();
  expect(fault).toBe(`is a directory with several documents: ${join(dir, 'openapi.yaml')}, ${join(dir, 'openapi.json')}`);
});
