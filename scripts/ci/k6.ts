/**
 * The load tests of `loadtests/`, for real: `node scripts/ci/k6.ts [--profile full] [--write] [SCRIPT…]`. Starts the example's provider and the gateway in
 * front of it on free ports, runs the scripts one after the other, and reads their summaries. Exit code 0 where every run counts and every
 * threshold holds. `--write` puts what the gateway adds into docs/performance.md.
 *
 * Two shared cores carry k6, gateway and service. So that a machine that stands still for a moment is no failure of the gateway: a hundred requests a
 * second and fewer outside the spike, as many virtual users as arrive in two seconds before one is dropped, and limits on time that are far
 * above what is usual. What is exact stays exact: nothing dropped, nothing failed, nothing miscounted, nothing carried out twice.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, onPath, versionOf } from '../../bench/machine.ts';
import type { Summary } from '../../loadtests/lib/summary.ts';
import { root } from '../lint/tree.ts';
import { Child } from './child.ts';
import { executionFaults, faultsOf, overheadFaults } from './k6/judge.ts';
import { type Payments, startPayments } from './k6/payments.ts';
import { type ListenerName, PAYMENT_MS, RUNS, type Run, configurationOf } from './k6/plan.ts';
import { type Result, overheadTable, overview, putBetweenMarks } from './k6/tables.ts';

const PAGE = join(root, 'docs/performance.md');
/** A path where it is not on PATH. */
const K6 = process.env.K6 ?? 'k6';
/** Of one script; the longest is the soak of half an hour. */
const LIMIT_MS = { short: 120_000, full: 3_600_000 } as const;

/** Where all that was started listens. */
interface Stage {
  readonly provider: string;
  readonly admin: string;
  readonly listeners: Readonly<Record<ListenerName, string>>;
}

async function main(profile: 'short' | 'full', names: readonly string[], folder: string, children: Child[], payments: Payments) {
  const start = (command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Child => {
    const child = new Child(command, args, root, env);
    children.push(child);
    return child;
  };
  const stage = await open(start, folder, payments);
  const results: Result[] = [];
  for (const run of RUNS.filter(({ title, script }) => names.length === 0 || names.includes(title) || names.includes(script))) {
    results.push(await perform(run, stage, profile, folder, start, payments));
  }
  const gateway = children[1] as Child;
  gateway.process.kill('SIGTERM');
  const code = await gateway.exits(30_000);
  return { results, code };
}

type Start = (command: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Child;

async function open(start: Start, folder: string, payments: Payments): Promise<Stage> {
  const provider = start(process.execPath, ['examples/billing/provider.ts', '--port', '0']);
  const [, providerUrl = ''] = await provider.says(/on (http:\/\/\S+)/, 20_000);
  const configuration = join(folder, 'plumbline.yaml');
  writeFileSync(configuration, configurationOf(providerUrl, payments.url));
  const gateway = start(process.execPath, ['bin/plumbline.js', 'run', '--config', configuration]);
  const address = async (name: string): Promise<string> => {
    const [, url = ''] = await gateway.says(new RegExp(`^plumbline\\s+${name}\\s+(http://\\S+)$`, 'm'), 20_000);
    return url;
  };
  const [admin, observed, guarded, keyed] = [
    await address('admin'),
    await address('observed'),
    await address('guarded'),
    await address('keyed'),
  ];
  return { provider: providerUrl, admin, listeners: { observed, guarded, keyed } };
}

async function perform(
  run: Run,
  stage: Stage,
  profile: 'short' | 'full',
  folder: string,
  start: Start,
  payments: Payments,
): Promise<Result> {
  await drift(stage.provider, run.provider === 'drifting');
  const out = join(folder, run.title);
  mkdirSync(out);
  const begin = performance.now();
  const env = {
    ...process.env,
    // It asks nobody and tells nobody else: no report of its use, no search for extensions.
    K6_NO_USAGE_REPORT: 'true',
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    TARGET: stage.listeners[run.listener],
    DIRECT: stage.provider,
    ADMIN: stage.admin,
    PROFILE: profile,
    OUT: out,
    ...run.env,
  };
  console.log(`\n── ${run.title} (${run.listener}${run.provider === 'drifting' ? ', the provider breaks its contract' : ''})`);
  // `--address ''`: no REST API, which has a port of its own that may be taken.
  const k6 = start(K6, ['run', '--quiet', '--no-color', '--address', '', `loadtests/${run.script}.ts`], env);
  const code = await k6.exits(LIMIT_MS[profile]);
  console.log(k6.output.trimEnd());
  const summary = summaryOf(join(out, `k6-${run.script}.json`));
  const faults = faultsOf(run, code, summary);
  if (run.script === 'steady') faults.push(...overheadFaults(summary));
  if (run.script === 'retries') faults.push(...executionFaults(payments.made, summary));
  for (const fault of faults) console.log(`FAILED ${run.title}: ${fault}`);
  return { title: run.title, seconds: (performance.now() - begin) / 1000, summary, faults };
}

async function drift(provider: string, on: boolean): Promise<void> {
  const answer = await fetch(`${provider}/_drift`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ on }),
  });
  const said = (await answer.json()) as { readonly drift?: unknown };
  if (said.drift !== on) throw new Error(`the provider did not take drift: ${on}`);
}

function summaryOf(file: string): Summary | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Summary;
  } catch {
    return undefined;
  }
}

function write(table: string, profile: string): void {
  const { at, node, cpu, cores, kernel } = describeMachine('k6');
  const head =
    `${at.slice(0, 10)}, Node ${node.slice(1)}, ${cpu}, ${cores} cores, Linux ${kernel}, k6 ${versionOf(K6, 'version')}; ` +
    `made by \`scripts/ci/k6.ts\`, profile ${profile}.`;
  writeFileSync(PAGE, putBetweenMarks(readFileSync(PAGE, 'utf8'), `${head}\n\n${table}`));
  console.log(`written into ${PAGE}`);
}

const { values, positionals } = parseArgs({
  options: { profile: { type: 'string', default: 'short' }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !RUNS.some(({ title, script }) => name === title || name === script));
const folder = mkdtempSync(join(tmpdir(), 'plumbline-k6-'));
const children: Child[] = [];
const payments = await startPayments(PAYMENT_MS);
// They are in groups of their own: Ctrl-C in a terminal does not come to them.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  });
}
try {
  if (unknown.length > 0)
    throw new Error(`no such load test: ${unknown.join(', ')}; there are ${RUNS.map(({ title }) => title).join(', ')}`);
  if (values.profile !== 'short' && values.profile !== 'full') throw new Error(`--profile is short or full, not ${values.profile}`);
  if (K6 === 'k6' && !onPath(K6)) throw new Error('there is no k6 on PATH; `bash .ci/install-tools.sh` builds it, and says where');
  console.log(execFileSync(K6, ['version'], { encoding: 'utf8' }).trim());
  const { results, code } = await main(values.profile, positionals, folder, children, payments);
  console.log(`\n${overview(results)}`);
  const steady = results.find(({ title }) => title === 'steady');
  const table = overheadTable(steady?.summary);
  if (table !== undefined) console.log(`\n${table}`);
  if (code !== 0) console.log(`FAILED the gateway ended with ${code} on SIGTERM`);
  const failed = results.filter(({ faults }) => faults.length > 0);
  console.log(`\n${results.length - failed.length} of ${results.length} load tests passed`);
  if (failed.length > 0 || results.length === 0 || code !== 0) process.exitCode = 1;
  else if (values.write && table !== undefined) write(table, values.profile);
} catch (error) {
  console.log(`FAILED ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  for (const child of children) child.kill();
  await payments.close();
  rmSync(folder, { recursive: true, force: true });
}
