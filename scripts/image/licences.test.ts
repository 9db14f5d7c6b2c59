import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { licences } from './licences.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-licences-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function packageWith(manifest: { readonly name: string; readonly license?: string }, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(dir, manifest.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '1.0.0', ...manifest }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

test('every package with its notices, by name, once', () => {
  const b = packageWith({ name: 'b', license: 'MIT' }, { 'LICENSE.md': 'text of b\n', NOTICE: 'notice of b', 'README.md': 'no' });
  const a = packageWith({ name: 'a', license: 'ISC' });
  const text = licences([b, a, b]);
  expect(text.split(/\n-+\n/).slice(1)).toEqual(['a 1.0.0 (ISC)\n\nLicence: ISC\n', 'b 1.0.0 (MIT)\n\ntext of b\n\nnotice of b\n']);
});

test('one that says nothing stops the build', () => {
  expect(() => licences([packageWith({ name: 'mute' })])).toThrow(/mute@1\.0\.0 names no licence/);
});
