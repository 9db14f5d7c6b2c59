import { isAscii } from 'node:buffer';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { Child } from '../ci/child.ts';
import { root } from '../lint/tree.ts';
import { type Bundled, bundle } from './bundle.ts';
import { OUTSIDE_THE_HEAP_BYTES } from './server-chunk.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-bundle-'));
let bundled: Bundled;
beforeAll(async () => {
  bundled = await bundle({ root, out: dir, revision: 'r1' });
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const program = join(dir, 'plumbline.js');
const code = (): string[] => readdirSync(dir).filter((file) => file.endsWith('.js'));

/** What is loaded with a file of the bundle: all that it imports, and what they import. */
function importedBy(file: string): readonly string[] {
  const seen = new Set([file]);
  for (const one of seen)
    for (const [, name] of readFileSync(join(dir, one), 'utf8').matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+)/g)) seen.add(name as string);
  return [...seen];
}

test('it needs nothing beside it', () => {
  expect(execFileSync(process.execPath, [program, '--version'], { cwd: '/', encoding: 'utf8' })).toBe(`${manifest.version}\n`);
  for (const file of code()) {
    const foreign = [...readFileSync(join(dir, file), 'utf8').matchAll(/(?:^|;)(?:import|export)\b[^;'"`]*\bfrom\s*["'`]([^"'`]+)/gm)];
    expect(foreign.map(([, name]) => name).filter((name) => !name?.startsWith('./'))).toEqual([]);
  }
});

test('its text is ASCII: one character beyond doubles what a file takes in memory', () => {
  for (const file of code()) expect({ file, isAscii: isAscii(readFileSync(join(dir, file))) }).toEqual({ file, isAscii: true });
});

test('the text that servers run is outside of the heap, and the injector runs it without the gateway', () => {
  expect(statSync(join(dir, 'server.js')).size).toBeGreaterThan(OUTSIDE_THE_HEAP_BYTES);
  expect(importedBy('gateway.js')).toContain('server.js');
  expect(importedBy('injector.js')).toContain('server.js');
  expect(importedBy('injector.js').filter((file) => /^(gateway|registry)/.test(file))).toEqual([]);
  for (const light of ['main.js', 'health.js', 'retire.js', 'inject.js', 'check.js']) expect(importedBy(light)).not.toContain('server.js');
});

test('asking for the version loads neither the gateway nor what a command alone needs', () => {
  const loaded = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8', env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } });
  for (const lazy of ['gateway', 'demo', 'check', 'health', 'redis-store']) expect(code()).toContain(`${lazy}.js`);
  expect(loaded.stderr).toContain('/main.js');
  expect(loaded.stderr).not.toMatch(/\/(?:gateway|demo|check|health|registry|redis-store)\.js/);
});

test('the undici inside Node is not loaded: an import of node:http would, and costs 6 MB', async () => {
  const list = 'data:text/javascript,process.on("exit", () => process.stderr.write(process.moduleLoadList.join("\\n")))';
  const spec = ['--spec', join(root, 'examples/billing/openapi.yaml'), '--upstream', 'http://127.0.0.1:1'];
  const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
  const gateway = new Child(process.execPath, ['--import', list, program, 'run', ...spec, ...ports], dir);
  try {
    await gateway.says(/ ingress +http/, 30_000);
    gateway.process.kill('SIGTERM');
    expect(await gateway.exits(30_000)).toBe(0);
  } finally {
    gateway.kill();
  }
  expect(gateway.output).toContain('NativeModule http\n');
  expect(gateway.output).not.toContain('internal/deps/undici');
  // 2 MB, which only bodies with a content coding need, and contracts above 64 KiB.
  expect(gateway.output).not.toContain('NativeModule zlib\n');
  // The client for Redis would load it, and is left out where the store is in memory.
  expect(gateway.output).not.toContain('NativeModule tls\n');
}, 60_000);

test('a stack trace has the names of our functions, and under --enable-source-maps those of our files', () => {
  const broken = 'data:text/javascript,process.stdout.write = () => { throw new Error("boom"); }';
  const crash = (...flags: string[]) =>
    spawnSync(process.execPath, [...flags, '--import', broken, program, '--version'], { encoding: 'utf8' }).stderr;
  expect(crash()).toMatch(/at program \(file:.*\/main\.js:\d+:\d+\)/);
  expect(crash('--enable-source-maps')).toMatch(/\bsrc\/cli\/program\.ts:\d+:\d+/);
});

test('what it opens at run time is found below it, and the packages in it are known', () => {
  expect(bundled.assets).toEqual(['examples/billing/plumbline.yaml']);
  expect(readFileSync(join(dir, 'demo.js'), 'utf8')).toContain('./examples/billing/plumbline.yaml');
  expect(bundled.packages.map((folder) => folder.slice(root.length + 1))).toEqual(
    expect.arrayContaining(['node_modules/ajv', 'node_modules/pino', 'node_modules/@prometheus-io/client']),
  );
});

test('the thread that judges large bodies is a file of its own, which loads neither the gateway nor the command line', async () => {
  expect(/new URL\([`'"]\.\/check-worker\.js[`'"],import\.meta\.url\)/.test(readFileSync(join(dir, 'gateway.js'), 'utf8'))).toBe(true);
  const text = (bytes: string): { bytes: Uint8Array; form: 'plain' } => ({ bytes: Buffer.from(bytes), form: 'plain' });
  const schema = { type: 'object', required: ['a'] };
  const post = { requestBody: { content: { 'application/json': { schema } } }, responses: { 200: { description: 'ok' } } };
  const document = JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths: { '/': { post } } });
  const digest = createHash('sha256').update(document).digest('hex').slice(0, 12);
  const options = { name: 'a', uri: 'a.json', basePath: 'none', formats: 'assert' };
  const files = new Map([['a.json', text(document)]]);
  const worker = new Worker(join(dir, 'check-worker.js'), { execArgv: [], env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } });
  try {
    const answered = (): Promise<unknown> => once(worker, 'message').then(([answer]) => answer as unknown);
    worker.postMessage({
      do: 'load',
      contract: 1,
      documents: { protocol: 'openapi', options, digest, files, foundAt: new Map(), refs: 'files' },
    });
    expect(await answered()).toEqual({ is: 'loaded', fault: undefined });
    const bytes = Buffer.from('{"b":1}');
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(bytes.byteLength)];
    const request = { method: 'POST', path: '/', query: '', headers };
    const body = {
      operation: ['POST', '/', 'POST /', '/paths/~1/post'].join('\n'),
      side: 'request',
      request,
      bytes: new Uint8Array(bytes),
    };
    worker.postMessage({ do: 'judge', contract: 1, body });
    expect(await answered()).toMatchObject({ is: 'judged', checked: { outcome: { is: 'invalid', violations: [{ rule: 'required' }] } } });
  } finally {
    await worker.terminate();
  }
  expect(importedBy('check-worker.js')).toContain('registry.js');
  expect(importedBy('check-worker.js').filter((file) => /^(gateway|server|main|run|program|admin)/.test(file))).toEqual([]);
}, 60_000);

test('so is the thread that reads large documents', async () => {
  expect(/new URL\([`'"]\.\/document-worker\.js[`'"],import\.meta\.url\)/.test(readFileSync(join(dir, 'gateway.js'), 'utf8'))).toBe(true);
  const worker = new Worker(join(dir, 'document-worker.js'), { execArgv: [], env: {} });
  try {
    worker.postMessage({ do: 'read', uri: 'a.json', bytes: Buffer.from('{"a":1}') });
    expect((await once(worker, 'message'))[0]).toMatchObject({ is: 'read', hasValue: true });
  } finally {
    await worker.terminate();
  }
}, 60_000);

test('a check of a contract works from the bundle alone', () => {
  const file = 'examples/billing/openapi.yaml';
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  copyFileSync(join(root, file), join(dir, file));
  expect(execFileSync(process.execPath, [program, 'check', file], { cwd: dir, encoding: 'utf8' })).toMatch(/^✓ .*operations\n$/);
});
