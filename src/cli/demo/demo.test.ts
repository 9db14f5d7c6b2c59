import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { demo } from '../demo.ts';
import { program } from '../program.ts';
import type { Places } from './advice.ts';

const LONG = 30_000;

const canvas = (more: object = {}) => {
  let text = '';
  return {
    ...more,
    write(added: string): void {
      text += added;
    },
    get text(): string {
      return text;
    },
  };
};

const lastFrame = (text: string): string => text.slice(text.lastIndexOf('Plumbline demo')).replaceAll('\x1b[K', '');

const origins = (text: string): Places => {
  const find = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';
  return {
    observed: find(/gateway (http:\/\/[\d.:]+)/),
    enforced: find(/curl -i (http:\/\/[\d.:]+)/),
    admin: find(/curl -s (http:\/\/[\d.:]+)\/metrics/),
    provider: find(/curl -s (http:\/\/[\d.:]+)\/_drift/),
  };
};

test(
  'it shows who breaks the contract and where, what it advises works, and nothing is left when it is stopped',
  async () => {
    const stdout = canvas({ isTTY: true, columns: 120, rows: 60 });
    const stderr = canvas();
    const stop = new AbortController();
    const ended = demo({ port: 0, adminPort: 0 }, { stdout, stderr, env: { NO_COLOR: '1' }, stop: stop.signal });

    for (const row of [
      /mobile-app 5\.0\.2 .*\n +createPayment +body +type +\/amount\/value +\d+×/,
      /partner-erp 11\.4/,
      /createPayment +media_type +media_type/,
      /createPayment +body +enum +\/method/,
      /legacy-batch 0\.9/,
      /_unmatched +route +undocumented_path/,
      /✓ web-shop 2\.3\.1/,
    ]) {
      await expect.poll(() => lastFrame(stdout.text), { timeout: 15_000 }).toMatch(row);
    }

    const { enforced, admin, provider, observed } = origins(stdout.text);
    const answer = await fetch(`${enforced}/v1/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'try-1' },
      body: '{"amount":{"currency":"USD","value":12.5}}',
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(await answer.json()).toMatchObject({ code: 'REQUEST_CONTRACT_VIOLATION', fields: expect.any(Array) });
    const found = await (await fetch(`${admin}/api/violations?consumer=mobile-app&limit=3`)).json();
    expect((found as { readonly items: readonly unknown[] }).items).toHaveLength(3);
    const report = canvas();
    const io = { stdout: report, stderr: canvas(), env: {}, cwd: import.meta.dirname };
    expect(await program(['drift', 'report', '--admin', admin], io)).toBe(0);
    expect(report.text).toMatch(/^\d+ new\n/);
    expect(report.text).toMatch(
      /invalid accepted type at \/amount\/value .*\n {2}createPayment \(request, billing 1\.4\.2\)\n.*; for mobile-app ×/,
    );

    stop.abort();
    expect(await ended).toBe(0);
    expect(stdout.text).toMatch(/Stopped after \d+ s: [\d,]+ exchanges, .* judged\.\n[\d,]+ broke the contract: \d of \d consumers/);
    expect(stderr.text).toBe('');
    for (const origin of [enforced, admin, provider, observed]) await expect(fetch(origin)).rejects.toThrow();
  },
  LONG,
);

test('a port that was asked for and is taken is named', async () => {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const stderr = canvas();
  try {
    expect(await demo({ port, adminPort: 0 }, { stdout: canvas(), stderr, env: {}, stop: new AbortController().signal })).toBe(2);
  } finally {
    other.close();
  }
  expect(stderr.text).toContain(String(port));
});

test(
  'as a process: JSON a line, and Ctrl-C, which npm delivers twice, ends it with 0',
  async () => {
    const script = `const { demo } = await import('./src/cli/demo.ts'); process.exitCode = await demo({ port: 0, adminPort: 0, json: true });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const ended = once(child, 'close');
    await expect.poll(() => out, { timeout: 10_000 }).toContain('\n');
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    const first = JSON.parse(out.split('\n')[0] ?? '');
    expect(first.exchanges).toBeGreaterThan(50);
    expect(first.requests.invalid).toBeGreaterThan(0);
    expect(err).toMatch(/^Stopped after/);
  },
  LONG,
);
