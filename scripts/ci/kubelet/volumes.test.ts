import { existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Volume } from './pod-spec.ts';
import { type Keys, Volumes } from './volumes.ts';

const root = mkdtempSync(join(tmpdir(), 'plumbline-volumes-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

function volumesOf(...volumes: readonly Volume[]) {
  const all = new Volumes(join(root, String(++made)), { containers: [], volumes });
  return { all, update: (maps: Readonly<Record<string, Keys>>) => all.update((_, name) => maps[name]) };
}

test('files are links through `..data`, which is swapped whole; what goes is gone, what is the same is not touched', () => {
  const { all, update } = volumesOf({ name: 'v', configMap: { name: 'm' } });
  update({ m: { 'a.yaml': 'one', 'b.yaml': 'b' } });
  const path = all.pathOf('v');
  const data = readlinkSync(join(path, '..data'));
  expect([readlinkSync(join(path, 'a.yaml')), readFileSync(join(path, 'a.yaml'), 'utf8')]).toEqual(['..data/a.yaml', 'one']);
  update({ m: { 'a.yaml': 'one', 'b.yaml': 'b' } });
  expect(readlinkSync(join(path, '..data'))).toBe(data);
  update({ m: { 'a.yaml': 'two', 'c.yaml': 'c' } });
  expect(readlinkSync(join(path, '..data'))).not.toBe(data);
  expect(readdirSync(path).filter((name) => !name.startsWith('..'))).toEqual(['a.yaml', 'c.yaml']);
  expect(readFileSync(join(path, 'a.yaml'), 'utf8')).toBe('two');
  expect(lstatSync(join(path, '..data')).isSymbolicLink()).toBe(true);
  expect(existsSync(join(path, data))).toBe(false);
  expect([all.isReadOnly('v'), statSync(join(path, 'a.yaml')).mode & 0o777]).toEqual([true, 0o644]);
});

test('what is missing: nothing starts, or the directory is empty until it is there', () => {
  const needed = volumesOf({ name: 'v', configMap: { name: 'm' } });
  expect(() => needed.update({})).toThrow('MountVolume.SetUp failed: configmap m not found');
  const optional = volumesOf({ name: 'v', configMap: { name: 'm', optional: true } });
  optional.update({});
  expect(readdirSync(optional.all.pathOf('v')).filter((name) => !name.startsWith('..'))).toEqual([]);
  optional.update({ m: { k: 'text' } });
  expect(readFileSync(join(optional.all.pathOf('v'), 'k'), 'utf8')).toBe('text');
});

test('some keys under other names', () => {
  const items = [{ key: 'k', path: 'folder/file' }];
  const { all, update } = volumesOf({ name: 'v', secret: { secretName: 'm', items, defaultMode: 0o400 } });
  update({ m: { k: 'text', other: 'x' } });
  const file = join(all.pathOf('v'), 'folder/file');
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['text', 0o400]);
  expect(() => volumesOf({ name: 'v', configMap: { name: 'm', items } }).update({ m: {} })).toThrow('has no key k');
});

test('an emptyDir is for everybody, and keeps what is in it', () => {
  const { all, update } = volumesOf({ name: 'v', emptyDir: {} });
  update({});
  expect([statSync(all.pathOf('v')).mode & 0o777, all.isReadOnly('v')]).toEqual([0o777, false]);
  expect(() => all.pathOf('w')).toThrow('there is no volume w');
  expect(() => volumesOf({ name: 'v' }).update({})).toThrow('of no kind that is played');
});
