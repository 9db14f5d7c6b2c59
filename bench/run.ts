/** `npm run bench`: see docs/performance.md for what is measured and how, `--help` for the options. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { difference, settledAccount } from './account.ts';
import { type LoadGenerator, loadGenerator, steady } from './load.ts';
import { describeMachine } from './machine.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { CASES, type CaseName, CONNECTIONS, ID, ROWS, type RowName } from './plan.ts';
import { launch, OTHER_CORE, pinning, stopAll } from './processes.ts';
import { type Direct, type Measurement, markdown, type Outcome, putBetweenMarks, voids } from './table.ts';
import { startTarget, type Target } from './targets.ts';
import { type Account, faults, loadFaults, policyFaults } from './verdict.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const WARM_UP_SECONDS = 1;
/** Of the open loop. */
const STEADY_SECONDS = 2;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  let options: BenchOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void stopAll().then(() => process.exit(130));
    });
  }
  try {
    return await bench(options, folder);
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bench(options: BenchOptions, folder: string): Promise<number> {
  const missing = installPeers(options.rows);
  const generator = loadGenerator(folder);
  if (pinning) spawnSync('taskset', ['-a', '-c', '-p', String(OTHER_CORE), String(process.pid)]);
  else say('NOT PINNED: no taskset or a single core; the numbers say little.');
  const upstream = await startUpstream();
  const targets = new Map<RowName, Target>();
  const skipped: Partial<Record<RowName, string>> = {};
  for (const row of options.rows) {
    try {
      if (missing !== undefined && PEERS.has(row)) throw new Error(missing);
      targets.set(row, await startTarget(row, upstream, join(folder, row)));
    } catch (error) {
      skipped[row] = (error as Error).message;
      say(`SKIPPED ${row}: ${skipped[row]}`);
    }
  }
  const direct: Direct[] = [];
  const measurements = await measureAll(options, targets, generator.run, async (name, round) => {
    direct.push({ case: name, round, steady: await steady(upstream, name, STEADY_SECONDS) });
  });
  const versions = Object.fromEntries([...targets].map(([row, target]) => [row, target.version]));
  const { rounds, seconds, rows, cases } = options;
  const outcome: Outcome = {
    machine: describeMachine(generator.name),
    rounds,
    seconds,
    rows,
    cases,
    skipped,
    versions,
    measurements,
    direct,
  };
  return report(outcome, options);
}

async function measureAll(
  options: BenchOptions,
  targets: ReadonlyMap<RowName, Target>,
  run: LoadGenerator,
  measureDirect: (name: CaseName, round: number) => Promise<void>,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const name of options.cases) {
      await measureDirect(name, round);
      for (const [row, target] of targets) {
        if (round === 1) await run(target.url, CASES[name], WARM_UP_SECONDS).catch(() => undefined);
        const measured = await measure(row, target, name, round, options.seconds, run);
        measurements.push(measured);
        const { load, cpuUsPerRequest, faults: wrong } = measured;
        say(
          `${round}/${options.rounds} ${name.padEnd(7)} ${row.padEnd(11)} ${String(Math.round(load.perSecond)).padStart(7)}/s ` +
            `${cpuUsPerRequest.toFixed(1).padStart(6)} µs${wrong.length > 0 ? `  VOID: ${wrong.join('; ')}` : ''}`,
        );
      }
    }
  }
  return measurements;
}

async function measure(
  row: RowName,
  target: Target,
  name: CaseName,
  round: number,
  seconds: number,
  run: LoadGenerator,
): Promise<Measurement> {
  const { judges, policies } = ROWS[row];
  const keyed = Object.values(CASES[name].headers).some((value) => value.includes(ID)) ? 'keyed' : 'keyless';
  const faultsOf = (account: Account): string[] => (policies === true ? policyFaults(account, keyed) : []);
  const before = judges === undefined ? undefined : await settledAccount(target);
  const cpuBefore = target.running.cpuMs();
  const load = await run(target.url, CASES[name], seconds);
  // Work that comes after the answers (checks in report mode, the log) belongs to the cost.
  const after = judges === undefined ? undefined : await settledAccount(target);
  const cpuUsPerRequest = ((target.running.cpuMs() - cpuBefore) * 1000) / load.requests;
  const atRate = await steady(target.url, name, STEADY_SECONDS);
  const wrong =
    judges === undefined || before === undefined || after === undefined
      ? loadFaults(load)
      : [
          ...faults(load, difference(before, after), judges, CONNECTIONS),
          ...faultsOf(difference(before, after)),
          ...faults(atRate, difference(after, await settledAccount(target)), judges, 0),
        ];
  return { row, case: name, round, load, cpuUsPerRequest, steady: atRate, faults: wrong };
}

async function startUpstream(): Promise<string> {
  let port = '';
  const running = launch(process.execPath, [join(here, 'upstream.ts')], {
    core: OTHER_CORE,
    onOutput: (text) => {
      port += text.trim();
    },
  });
  for (let i = 0; i < 100 && port === '' && !running.exited; i += 1) await sleep(50);
  if (port === '') throw new Error(`the upstream did not start: ${running.complaint}`);
  return `http://127.0.0.1:${port}`;
}

const PEERS: ReadonlySet<RowName> = new Set(['http-proxy', 'guarded', 'httpxy', 'fastify', 'prism']);

/** What the peers need, from bench/package-lock.json; a message where it cannot be had. */
function installPeers(rows: readonly RowName[]): string | undefined {
  if (!rows.some((row) => PEERS.has(row)) || existsSync(join(here, 'node_modules', '.package-lock.json'))) return undefined;
  say('Installing what Plumbline is compared with (bench/package-lock.json) …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here, encoding: 'utf8', timeout: 300_000 });
  if (npm.status === 0) return undefined;
  return `npm ci failed: ${(npm.stderr || npm.error?.message || '').trim().split('\n').at(-1) ?? ''}`;
}

function report(outcome: Outcome, options: BenchOptions): number {
  const table = markdown(outcome);
  process.stdout.write(`${table}\n`);
  const results = join(here, 'results');
  mkdirSync(results, { recursive: true });
  const file = join(results, `${outcome.machine.at.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(outcome, undefined, 2)}\n`);
  const broken = voids(outcome);
  for (const line of broken) say(`VOID ${line}`);
  say(`All numbers: ${file}`);
  if (options.write && broken.length === 0) {
    writeFileSync(page, putBetweenMarks(readFileSync(page, 'utf8'), table));
    say(`Written into ${page}`);
  } else if (options.write) say('Not written into docs/performance.md: a row is void.');
  return broken.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
