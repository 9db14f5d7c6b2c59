import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../lint/tree.ts';
import { ignores } from './dockerignore.ts';

test('the last line that fits decides, and a folder stands for all that is in it', () => {
  const ignored = ignores('# all\n*\n\n!src\n!docs/a.md\n/src/secret/\n**/*.test.ts\n');
  const kept = [
    'src/a.ts',
    'src/deep/b.ts',
    'docs/a.md',
    'README.md',
    'src/a.test.ts',
    'src/deep/b.test.ts',
    'src/secret/key',
    'docs/b.md',
  ];
  expect(kept.filter((path) => !ignored(path))).toEqual(['src/a.ts', 'src/deep/b.ts', 'docs/a.md']);
});

test('without a line nothing is left out', () => {
  expect(ignores('')('anything/at/all')).toBe(false);
});

test('the build gets sources and lock file, and neither packages, history, tests nor secrets', () => {
  const ignored = ignores(readFileSync(join(root, '.dockerignore'), 'utf8'));
  for (const path of [
    'package-lock.json',
    '.npmrc',
    'src/cli/main.ts',
    'scripts/image/build.ts',
    'examples/billing/openapi.yaml',
    'LICENSE',
  ]) {
    expect({ path, ignored: ignored(path) }).toEqual({ path, ignored: false });
  }
  for (const path of [
    'node_modules/ajv/package.json',
    '.git/config',
    '.env',
    'src/cli/run.test.ts',
    'test/kit/origin.ts',
    'dist/main.js',
    'bench/run.ts',
  ]) {
    expect({ path, ignored: ignored(path) }).toEqual({ path, ignored: true });
  }
});
