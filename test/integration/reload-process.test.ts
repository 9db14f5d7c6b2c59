import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type GatewayOptions, configurationText } from '../kit/gateway-config.ts';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { startOrigin } from '../kit/origin.ts';
import { replaceFile, UNWATCHED } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly key?: string;
  readonly line?: number;
}

/** What the process has logged, without what it says to people at its start. */
function lines(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

const said = (gateway: GatewayProcess, what: RegExp): Promise<Line> =>
  until(() => lines(gateway.stderr).find(({ msg }) => what.test(msg)), `a line like ${what}`, 20_000);

function write(gateway: GatewayProcess, options: GatewayOptions): void {
  replaceFile(gateway.config, configurationText(options, join(gateway.config, '..')));
}

/** A process takes its time to start on a busy machine. */
const PATIENT = { timeout: 60_000 };

test('SIGHUP has the files read at once, also without a watch; what is wrong is said in the words of a start', PATIENT, async () => {
  await using origin = await startOrigin();
  const options = { upstream: origin.port, sections: UNWATCHED };
  await using gateway = await startGatewayProcess(options);
  write(gateway, { ...options, sections: { ...UNWATCHED, listners: {} } });
  gateway.kill('SIGHUP');
  const problem = await said(gateway, /listners/);
  expect(problem).toMatchObject({ level: 'error', key: 'listners', line: 1 });
  expect(problem.msg).toMatch(/plumbline\.yaml:1:\d+ error listners: unknown key; did you mean "listeners"\?$/);
  write(gateway, { ...options, sections: { ...UNWATCHED, errors: { detail: 'none' } } });
  gateway.kill('SIGHUP');
  expect(await said(gateway, /in force: generation 2/)).toMatchObject({ level: 'info' });
});

test('what a running process cannot take is named, and the rest is taken', PATIENT, async () => {
  await using origin = await startOrigin();
  await using gateway = await startGatewayProcess({ upstream: origin.port, sections: UNWATCHED });
  write(gateway, { upstream: origin.port, sections: { ...UNWATCHED, admin: { port: 1 }, service: { name: 'x' } } });
  gateway.kill('SIGHUP');
  await said(gateway, /needs a restart: service\.name, admin\.port; the old value is kept/);
  write(gateway, { upstream: origin.port, sections: { ...UNWATCHED, admin: { port: 1 }, errors: { detail: 'none' } } });
  gateway.kill('SIGHUP');
  await said(gateway, /in force: generation 2/);
  const { config } = (await (await fetch(`${gateway.adminUrl}/api/config`)).json()) as {
    config: { admin: { port: number }; errors: object };
  };
  expect([config.admin.port, config.errors]).toEqual([0, { detail: 'none' }]);
});

/** The whole configuration in a variable; `unwatched`: what SIGHUP alone has read again. */
const inVariable = (spec: string, upstream: string, unwatched = ''): string => `listeners: { in: { host: 127.0.0.1, port: 0 } }
routes: [{ name: r, listener: in, upstream: "${upstream}", contract: r }]
contracts: { r: { openapi: "${spec}" } }
${unwatched}`;

test.each([
  [
    'without a configuration',
    (spec: string, url: string) => ({ flags: ['--spec', spec, '--upstream', url, '--host', '127.0.0.1', '--port', '0'] }),
  ],
  ['of PLUMBLINE_CONFIG_YAML', (spec: string, url: string) => ({ text: inVariable(spec, url) })],
  [
    'of PLUMBLINE_CONFIG_YAML, at SIGHUP',
    (spec: string, url: string) => ({ text: inVariable(spec, url, 'reload: { watch: false }'), signal: 'SIGHUP' }),
  ],
] satisfies [string, (spec: string, url: string) => Unfiled][])('a contract is read again: %s', PATIENT, async (_, started) => {
  await using origin = await startOrigin();
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-spec-'));
  const spec = join(dir, 'api.yaml');
  const contract = (version: string): string => `openapi: 3.1.0\ninfo: { title: t, version: "${version}" }\npaths: {}\n`;
  writeFileSync(spec, contract('1'));
  const command = fileURLToPath(new URL('../../bin/plumbline.js', import.meta.url));
  const { flags = [], text = '', signal }: Unfiled = started(spec, origin.url);
  const child = spawn(process.execPath, [command, 'run', ...flags, '--admin-port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PLUMBLINE_CONFIG_YAML: text },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  try {
    const admin = await until(() => /plumbline admin +(\S+)\n/.exec(stderr)?.[1], 'the address of admin', 30_000);
    const version = async (): Promise<string | undefined> => {
      const { items } = (await (await fetch(`${admin}/api/contracts`)).json()) as { items: readonly { version: string }[] };
      return items[0]?.version;
    };
    expect(await version()).toBe('1');
    replaceFile(spec, contract('2'));
    if (signal !== undefined) child.kill(signal);
    await until(async () => (await version()) === '2', 'the new contract', 15_000);
  } finally {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true });
  }
});

/** How a gateway is started that has no file for its configuration. */
interface Unfiled {
  readonly flags?: readonly string[];
  readonly text?: string;
  readonly signal?: NodeJS.Signals;
}
