/** What exports spans is loaded where spans are exported, and nowhere else: memory and time to start are everybody's. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startCollector } from '../kit/collector.ts';
import type { GatewayOptions } from '../kit/gateway-config.ts';
import { startOrigin } from '../kit/origin.ts';

const root = join(import.meta.dirname, '../..');

/** Starts a gateway, sends one request through it and drains it, in a process whose module loader takes notes. */
const CHILD = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
const { startGateway } = await import(${JSON.stringify(join(root, 'src/app/gateway.ts'))});
const { settingsOf } = await import(${JSON.stringify(join(root, 'test/kit/gateway-config.ts'))});
const gateway = await startGateway(settingsOf(JSON.parse(process.argv[1]), '/'));
const { status } = await fetch(gateway.listeners[0].url);
await gateway.drain();
console.log(JSON.stringify({ status, loaded }));
`;

async function run(telemetry: object): Promise<{ readonly status: number; readonly loaded: readonly string[] }> {
  await using origin = await startOrigin();
  const options: GatewayOptions = { upstream: origin.port, sections: { telemetry: { accessLog: 'off', ...telemetry } } };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', CHILD, JSON.stringify(options)]);
  return JSON.parse(stdout);
}

const exporter = (loaded: readonly string[]): string[] =>
  loaded.filter((url) => url.includes('/adapters/otel/')).map((url) => url.slice(url.lastIndexOf('/') + 1));

test('O4: without `telemetry.traces` nothing of the exporter is loaded', { timeout: 30_000 }, async () => {
  const { status, loaded } = await run({});
  expect([status, exporter(loaded)]).toEqual([200, []]);
  expect(loaded.some((url) => url.includes('/adapters/prometheus/'))).toBe(true);
});

test('O4: with it, it is', { timeout: 30_000 }, async () => {
  await using collector = await startCollector();
  const { status, loaded } = await run({ traces: { otlp: collector.url, sample: 1 } });
  expect([status, collector.spans.length]).toEqual([200, 2]);
  expect(exporter(loaded)).toContain('exporter.ts');
});
