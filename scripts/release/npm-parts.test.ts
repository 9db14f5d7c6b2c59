import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { directly, npmParts } from './npm-parts.ts';

const checkout = mkdtempSync(join(tmpdir(), 'plumbline-parts-'));
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

function packageAt(place: string, manifest: object): string {
  const folder = join(checkout, place);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '1.0.0', license: 'MIT', ...manifest }));
  return folder;
}

const a = packageAt('node_modules/a', { name: 'a', description: 'does a', dependencies: { b: '^1', unused: '1' } });
const b1 = packageAt('node_modules/b', { name: 'b', license: '(MIT OR Apache-2.0)' });
const b2 = packageAt('node_modules/a/node_modules/b', { name: 'b', version: '2.0.0-rc.1+x', optionalDependencies: { '@s/c': '1' } });
const c = packageAt('node_modules/@s/c', { name: '@s/c', license: 'ISC' });
const integrity = (byte: number) => `sha512-${Buffer.alloc(64, byte).toString('base64')}`;
const locked = {
  'node_modules/a': { integrity: integrity(1) },
  'node_modules/b': { integrity: integrity(2) },
  'node_modules/a/node_modules/b': { integrity: integrity(3) },
  'node_modules/@s/c': { integrity: integrity(4) },
};

test('each with its own licence, hash and the ones that it uses, as Node finds them', () => {
  const parts = npmParts([b2, c, a, b1, c], checkout, locked);
  expect(parts.map(({ component, dependsOn }) => [component['bom-ref'], dependsOn])).toEqual([
    ['pkg:npm/%40s/c@1.0.0', []],
    ['pkg:npm/a@1.0.0', ['pkg:npm/b@2.0.0-rc.1%2Bx']],
    ['pkg:npm/b@1.0.0', []],
    ['pkg:npm/b@2.0.0-rc.1%2Bx', ['pkg:npm/%40s/c@1.0.0']],
  ]);
  expect(parts[0]?.component).toMatchObject({
    group: '@s',
    name: 'c',
    licenses: [{ license: { id: 'ISC' } }],
    purl: 'pkg:npm/%40s/c@1.0.0',
  });
  expect(parts[1]?.component).toMatchObject({ description: 'does a', hashes: [{ alg: 'SHA-512', content: '01'.repeat(64) }] });
  expect(parts[2]?.component.licenses).toEqual([{ expression: '(MIT OR Apache-2.0)' }]);
});

test('what the checkout asks for itself is what is in the bundle of it', () => {
  expect(directly(['a', '@s/c', 'b', 'not-here'], [a, c, b2], checkout)).toEqual(['pkg:npm/%40s/c@1.0.0', 'pkg:npm/a@1.0.0']);
});

test('a package without a licence, or without a hash, stops the build', () => {
  const mute = packageAt('node_modules/mute', { name: 'mute', license: undefined });
  expect(() => npmParts([mute], checkout, locked)).toThrow('mute@1.0.0 names no licence');
  expect(() => npmParts([a], checkout, {})).toThrow('the lock has no SHA-512 for a@1.0.0: undefined');
  expect(() => npmParts([a], checkout, { 'node_modules/a': { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' } })).toThrow(
    /no SHA-512 for a@1\.0\.0: sha1/,
  );
});
