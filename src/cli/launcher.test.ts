import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const launcher = join(import.meta.dirname, '../../bin/plumbline.js');
const dir = mkdtempSync(join(tmpdir(), 'plumbline-launcher-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: dir }, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });
}

const launch = (file: string, ...args: string[]): Promise<Ended> => run([file, ...args]);

test('the launcher starts the program, without a word of its own', async () => {
  expect(await launch(launcher, '--version')).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
});

test('it works through a link, as npx calls it, and passes the exit code on', async () => {
  const link = join(dir, 'plumbline');
  symlinkSync(launcher, link);
  const { code, err } = await launch(link, 'frobnicate');
  expect(code).toBe(2);
  expect(err).toMatch(/unknown command/);
});

test('without its packages it says in one line what to do', async () => {
  const bare = join(dir, 'bare');
  mkdirSync(join(bare, 'bin'), { recursive: true });
  cpSync(launcher, join(bare, 'bin/plumbline.mjs'));
  const { code, out, err } = await launch(join(bare, 'bin/plumbline.mjs'), '--version');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^plumbline: .*npm ci.*\n$/);
});

test('a bug in Plumbline is 70, with its stack', async () => {
  const bug = 'data:text/javascript,process.stdout.write = () => { throw new Error("boom"); }';
  const crashed = await run(['--import', bug, join(import.meta.dirname, 'main.ts'), '--version']);
  expect(crashed.code).toBe(70);
  expect(crashed.err).toMatch(/^plumbline: a bug in Plumbline .*\nError: boom\n {4}at /);
});
