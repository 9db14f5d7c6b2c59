import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../ci/child.ts';
import { V8_FLAGS } from './flags.ts';
import { startUpstream } from './upstream.ts';

/** A busy machine that emulates another processor. */
const START_MS = 60_000;

/**
 * Fills the compile cache of a bundle: starts it, lets it do once what it will do, and ends it, upon which Node writes the code of every
 * function that ran. V8 takes a cache only under the same flags, in the same version, on a processor with the same features; else it
 * compiles as if there were none. Resolves to how many files the cache has.
 */
export async function bake(bundle: string): Promise<number> {
  await using upstream = await startUpstream();
  const program = [...V8_FLAGS, join(bundle, 'plumbline.js')];
  const spec = join(bundle, 'examples/billing/openapi.yaml');
  const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
  const gateway = new Child(process.execPath, [...program, 'run', '--spec', spec, '--upstream', upstream.url, ...ports], bundle);
  try {
    const [, admin = ''] = await gateway.says(/ admin +(http:\S+)/, START_MS);
    const [, ingress = ''] = await gateway.says(/ ingress +(http:\S+)/, START_MS);
    await traffic(ingress, admin);
    const health = new Child(process.execPath, [...program, 'health', '--admin-port', new URL(admin).port], bundle);
    const code = await health.exits(START_MS);
    if (code !== 0) throw new Error(`health ended with ${code}: ${health.output}`);
    gateway.process.kill('SIGTERM');
    const ended = await gateway.exits(START_MS);
    if (ended !== 0) throw new Error(`it ended with ${ended} on SIGTERM:\n${gateway.output}`);
  } finally {
    gateway.kill();
  }
  return readable(join(bundle, 'cache'));
}

/** What the first requests will be like: some that fit the contract, some that do not, and a scrape. */
async function traffic(ingress: string, admin: string): Promise<void> {
  const json = { 'content-type': 'application/json', 'x-consumer-name': 'bake' };
  const requests: ReadonlyArray<readonly [string, RequestInit]> = [
    [`${ingress}/v1/payments?account_id=acct_123`, { headers: json }],
    [`${ingress}/v1/invoices?limit=x`, { headers: json }],
    [`${ingress}/v1/payments`, { method: 'POST', headers: json, body: '{"amount":-1}' }],
    [`${ingress}/nowhere`, {}],
    [`${admin}/metrics`, {}],
    [`${admin}/readyz`, {}],
    [`${admin}/api/violations`, {}],
  ];
  for (const [url, init] of requests) await (await fetch(url, init)).arrayBuffer();
}

/** Node keeps the cache for its owner alone; in the image another user reads it. */
function readable(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  chmodSync(folder, 0o755);
  for (const file of files) chmodSync(join(file.parentPath, file.name), file.isDirectory() ? 0o755 : 0o644);
  return files.filter((file) => file.isFile()).length;
}
