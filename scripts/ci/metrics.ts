/**
 * A running gateway's /metrics as text, judged by `promtool check metrics`; and as text, OpenMetrics and text again: the same series.
 * Exit code 0 where both hold.
 */
import { spawnSync } from 'node:child_process';
import { startOrigin } from '../../test/kit/origin.ts';
import { root } from '../lint/tree.ts';
import { Child } from './child.ts';

const TEXT = 'text/plain;version=0.0.4';
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

/**
 * Names and labels of the series in a scrape. Left out: `_created`, which only OpenMetrics has, and Node's gauges of what is open just
 * now, which come and go with each connection and timer.
 */
function seriesOf(scrape: string): string[] {
  const lines = scrape.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const names = lines.map((line) => /^[^\s{]+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?/.exec(line)?.[0] ?? line);
  return names.filter((name) => !/_created(\{|$)|^nodejs_active_/.test(name)).sort();
}

async function scrape(admin: string, accept: string): Promise<string> {
  const answer = await fetch(`${admin}/metrics`, { headers: { accept } });
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  return answer.text();
}

async function main(): Promise<void> {
  await using origin = await startOrigin();
  const gateway = new Child(
    process.execPath,
    [
      'bin/plumbline.js',
      'run',
      '--spec',
      'examples/billing/openapi.yaml',
      '--upstream',
      origin.url,
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--admin-port',
      '0',
    ],
    root,
  );
  try {
    const [, admin = ''] = await gateway.says(/admin\s+(http:\/\/\S+)/, 20_000);
    const [, ingress = ''] = await gateway.says(/plumbline\s+(?!admin)\S+\s+(http:\/\/\S+)/, 1000);
    for (const path of ['/v1/payments', '/v1/payments/pay_1', '/nowhere', '/v1/invoices?limit=x']) {
      for (const consumer of ['web-shop', 'mobile-app']) {
        await (await fetch(ingress + path, { headers: { 'x-consumer-name': consumer } })).arrayBuffer();
      }
    }
    const text = await scrape(admin, TEXT);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    console.log(`promtool check metrics: exit code ${status} on ${seriesOf(text).length} series\n${stdout}${stderr}`);
    const scrapes = [text, await scrape(admin, OPENMETRICS), await scrape(admin, TEXT)].map(seriesOf);
    const different = [...new Set(scrapes.flat())].filter((name) => !scrapes.every((one) => one.includes(name)));
    console.log(
      different.length === 0
        ? `text, OpenMetrics, text again: the same ${scrapes[0]?.length} series`
        : `not in all three:\n${different.join('\n')}`,
    );
    const violations = /^plumbline_contract_violations_total\{.*\} [1-9]/m.test(text);
    if (!violations) console.log('no violation was counted, though some were sent');
    gateway.process.kill('SIGTERM');
    const code = await gateway.exits(30_000);
    if (code !== 0) console.log(`the gateway ended with ${code} on SIGTERM`);
    process.exitCode = status === 0 && different.length === 0 && violations && code === 0 ? 0 : 1;
  } finally {
    gateway.kill();
  }
}

await main();
