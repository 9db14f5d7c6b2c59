import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { compare } from './generate.ts';

const base = mkdtempSync(join(tmpdir(), 'plumbline-generate-'));
afterEach(() => rmSync(base, { recursive: true, force: true }));

test('tells what is as the code says, what is stale and what is missing', async () => {
  writeFileSync(join(base, 'same.md'), 'a\n');
  writeFileSync(join(base, 'stale.md'), 'a\n');
  const generators = [
    { generate: () => ({ 'same.md': 'a\n', 'stale.md': 'b\n' }) },
    { generate: async () => ({ 'docs/missing.md': 'c\n' }) },
  ];
  const states = (await compare(generators, base)).map(({ file, state }) => [file, state]);
  expect(states).toEqual([
    ['same.md', 'same'],
    ['stale.md', 'stale'],
    ['docs/missing.md', 'missing'],
  ]);
});

test('two generators of one file are a mistake', async () => {
  const generator = { generate: () => ({ 'a.md': '' }) };
  await expect(compare([generator, generator], base)).rejects.toThrow('a.md is generated twice');
});
