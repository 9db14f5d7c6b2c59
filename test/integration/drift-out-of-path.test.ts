/** Drift out of the path is found by the engine of the path: the same exchanges, over sockets and out of a file, are the same findings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { program } from '../../src/cli/program.ts';
import type { FindingItem } from '../../src/core/views.ts';
import { SAMPLES, type Sample, THINGS, captureOf, wireAnswer } from '../kit/drift-traffic.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { configurationText } from '../kit/gateway-config.ts';
import { startOrigin } from '../kit/origin.ts';
import { until } from '../kit/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-offline-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** All that does not tell when it was. */
const plain = (items: readonly FindingItem[]) =>
  items
    .map(({ firstSeen: _, lastSeen: __, consumers, ...item }) => ({
      ...item,
      consumers: consumers.map(({ name, count }) => `${name} ${count}`).sort(),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

async function send(sample: Sample, port: number, prefix: string): Promise<void> {
  const { method, target, headers = [], body } = sample;
  const length = body === undefined && method !== 'POST' ? [] : ['Content-Length', String(Buffer.byteLength(body ?? ''))];
  await new Promise<void>((done, fail) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path: `${prefix}${target}`, headers: ['Host', 'api.example', ...headers.flat(), ...length] },
      (res) => {
        res.resume();
        res.on('end', done);
        res.on('error', fail);
      },
    );
    sent.on('error', fail);
    sent.end(body);
  });
}

async function offline(argv: readonly string[]): Promise<readonly FindingItem[]> {
  let [out, err] = ['', ''];
  const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (err += text) }, env: {}, cwd: dir };
  const code = await program(['drift', 'report', '--json', ...argv], io);
  if (code !== 0) throw new Error(`${code}: ${err}`);
  return (JSON.parse(out) as { findings: readonly FindingItem[] }).findings;
}

test('the same findings with the same counts, whatever the form of the messages and the settings of the route', async () => {
  let next = 0;
  await using origin = await startOrigin(async (_req, res, whole) => {
    await whole();
    const sample = SAMPLES[next++] as Sample;
    const { headers, body } = wireAnswer(sample);
    res.writeHead(sample.status, headers);
    res.end(sample.method === 'HEAD' ? undefined : body);
  });
  const options = {
    upstream: origin.port,
    openapi: THINGS,
    pool: { stripPrefix: '/api' },
    sections: {
      policies: { contract: { showValues: ['color'], ignore: ['query:order', '/api/healthz'] } },
      routes: [
        {
          name: 'app',
          listener: 'main',
          match: { path: '/api' },
          upstream: { url: `http://127.0.0.1:${origin.port}`, stripPrefix: '/api' },
          contract: 'api',
        },
        { name: 'reports', listener: 'main', match: { path: '/api/v1/reports/2025' }, upstream: `http://127.0.0.1:${origin.port}` },
      ],
    },
  };
  writeFileSync(join(dir, 'plumbline.yaml'), configurationText(options, dir));
  writeFileSync(join(dir, 'traffic.ndjson'), captureOf(SAMPLES, 'https://api.example/api'));
  const expected = plain(await offline(['--config', 'plumbline.yaml', 'traffic.ndjson']));
  expect(new Set(expected.map(({ kind }) => kind)).size).toBeGreaterThan(9);

  await using gateway = await startTestGateway(options);
  for (const sample of SAMPLES) await send(sample, gateway.port, '/api');
  expect(next).toBe(SAMPLES.length);
  await gateway.idle();
  const found = async () =>
    plain(((await (await fetch(`${gateway.adminUrl}/api/findings?limit=1000`)).json()) as { items: FindingItem[] }).items);
  // What an answer showed is counted a moment after its last byte.
  const total = (items: ReturnType<typeof plain>): number => items.reduce((sum, { count }) => sum + count, 0);
  await until(async () => total(await found()) >= total(expected), 'all findings').catch(() => undefined);
  expect(await found()).toEqual(expected);
});
