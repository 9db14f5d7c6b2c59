import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;

/** A checkout with nothing in it but the script, a lock file, and an npm that notes how it was called. */
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'plumbline-with-deps-')));
  mkdirSync(join(root, 'scripts'));
  copyFileSync(fileURLToPath(new URL('with-deps.mjs', import.meta.url)), join(root, 'scripts', 'with-deps.mjs'));
  writeFileSync(join(root, 'package-lock.json'), '{"first": true}');
  npm(0);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function npm(code: number): void {
  const body = `const fs = require('node:fs');
    fs.mkdirSync('node_modules', { recursive: true });
    fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
    setTimeout(() => process.exit(${code}), 300);`;
  writeFileSync(join(root, 'npm-cli.cjs'), body);
}

const calls = () => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : []);

function start(...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'scripts', 'with-deps.mjs'), process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, npm_execpath: join(root, 'npm-cli.cjs') },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return { child, ended };
}

test('installs what is missing, says so, and only once', async () => {
  const first = await start('-e', 'console.log("ran")').ended;
  expect(first.code).toBe(0);
  expect(first.said).toMatch(/Installing the locked packages with npm ci: they are not here yet\..*ran/s);
  const second = await start('-e', 'console.log("ran")').ended;
  expect(second).toEqual({ code: 0, said: 'ran\n' });
  expect(calls()).toEqual(['ci --include=dev --include=optional --no-audit --no-fund --loglevel=error']);
});

test('installs again where the lock file has changed', async () => {
  await start('-e', '').ended;
  writeFileSync(join(root, 'package-lock.json'), '{"second": true}');
  expect((await start('-e', '').ended).said).toContain('package-lock.json has changed since');
  expect(calls()).toHaveLength(2);
});

test('two at once install once', async () => {
  const both = await Promise.all([start('-e', '').ended, start('-e', '').ended]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(calls()).toHaveLength(1);
});

test('a failed install is told with its exit code, and tried again the next time', async () => {
  npm(7);
  const failed = await start('-e', 'console.log("ran")').ended;
  expect(failed.code).toBe(7);
  expect(failed.said).not.toContain('ran\n');
  npm(0);
  expect((await start('-e', '').ended).code).toBe(0);
});

test('passes on the exit code, with the locked programs first on PATH', async () => {
  const { code, said } = await start('-e', 'console.log(process.env.PATH); process.exit(3)').ended;
  expect(code).toBe(3);
  expect(said.split('\n').at(-2)?.split(delimiter)[0]).toBe(join(root, 'node_modules', '.bin'));
});

test('a signal goes to the command, which ends as it likes', async () => {
  const { child, ended } = start('-e', 'process.on("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); console.log("ready")');
  await new Promise<void>((resolve) => child.stdout.on('data', (text: string) => text.includes('ready') && resolve()));
  child.kill('SIGTERM');
  expect((await ended).code).toBe(5);
});
