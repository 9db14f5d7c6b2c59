import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { settle } from './settle.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-settle-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

test('one time for all, and modes that do not depend on the umask', () => {
  const root = join(dir, 'root');
  mkdirSync(join(root, 'app/cache'), { recursive: true, mode: 0o700 });
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(join(root, 'app/cache/a'), 'a', { mode: 0o600 });
  writeFileSync(join(root, 'app/node'), 'n', { mode: 0o700 });
  settle(root, 1_700_000_000);
  const paths = ['', 'app', 'app/cache', 'app/cache/a', 'app/node', 'tmp'].map((path) => join(root, path));
  expect(paths.map((path) => statSync(path).mtimeMs)).toEqual(paths.map(() => 1_700_000_000_000));
  expect(paths.map(modeOf)).toEqual(['755', '755', '755', '644', '755', '1777']);
});

test('a link would point to another place in the image', () => {
  const root = join(dir, 'links');
  mkdirSync(root);
  symlinkSync('/nowhere', join(root, 'link'));
  expect(() => settle(root, 0)).toThrow(/link is neither a file nor a folder/);
});
