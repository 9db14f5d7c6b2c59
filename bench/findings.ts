/**
 * What findings cost: `node bench/findings.ts [--quick]`. Two gateways that differ in `telemetry.limits.findings` alone get the same load at the same time, on one core that
 * they share: a machine that others use too may need half as much again from one second to the next, and so it needs that for both. A burst's CPU is that
 * of each process (/proc/PID/stat). Both are started anew some times, as their compilers may have had luck. A burst is void unless the answers
 * were judged (there was time for it, and so for findings) and, where there is drift, counted. Exit 1: a bound is not kept, or a row is void.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseMetrics, sumOf } from '../src/cli/demo/metrics-text.ts';
import { describeMachine, onPath } from './machine.ts';
import { freePort, launch, MEASURED_CORE, OTHER_CORE, pinning, type Running, stopAll, untilAnswers } from './processes.ts';
import { parseWrk } from './wrk-output.ts';

const quick = process.argv.includes('--quick');
const LIVES = quick ? 1 : 3;
/** Bursts in each life. */
const ROUNDS = quick ? 3 : 5;
const SECONDS = quick ? 1 : 2;
/** Enough to keep the process at work, few enough that none waits until judging is given up. */
const CONNECTIONS = 8;
/** Compilers have run in by then. */
const WARM_UP = quick ? 5_000 : 30_000;
/** Of an answer for which there was no time no verdict is given: so few of them make no difference. */
const JUDGED = 0.99;
/** Bursts of a life that may be void, for want of time on the machine. */
const SPARE = 3;

interface Case {
  readonly name: string;
  readonly path: string;
  readonly drifts: boolean;
  /** The most that findings may cost, as a share of what the gateway costs without them. */
  readonly bound: number;
}

const CASES: readonly Case[] = ['order', 'orders'].flatMap((what) => {
  const size = what === 'order' ? '1 KB' : '20 KB';
  return [
    { name: `${size}, one shape, as documented`, path: `/same/${what}`, drifts: false, bound: 0.1 },
    { name: `${size}, one shape, with a field that is not`, path: `/drifting/${what}`, drifts: true, bound: 0.1 },
    { name: `${size}, every shape new, with a field that is not`, path: `/new/${what}`, drifts: true, bound: 0.25 },
  ];
});

interface Gateway {
  readonly running: Running;
  readonly url: string;
  readonly admin: string;
  readonly findings: 'on' | 'off';
}

interface Account {
  readonly requests: number;
  readonly judged: number;
  readonly drift: number;
}

const here = fileURLToPath(new URL('.', import.meta.url));

function documentOf(): string {
  const order = { $ref: './contract.openapi.yaml#/components/schemas/Order' };
  const page = { $ref: './contract.openapi.yaml#/paths/~1v1~1orders/get/responses/200/content/application~1json/schema' };
  const optional = { properties: Object.fromEntries([...'abcdefghijklmnopqrstuvwx'].map((x) => [`extra_${x}`, { type: 'integer' }])) };
  const answers = (of: object): object => {
    const schema = { allOf: [of, optional] };
    return { 200: { description: 'fine', content: { 'application/json': { schema } } } };
  };
  const paths = Object.fromEntries(
    ['same', 'drifting', 'new'].flatMap((shapes) => [
      [`/${shapes}/order`, { get: { operationId: `${shapes}Order`, responses: answers(order) } }],
      [`/${shapes}/orders`, { get: { operationId: `${shapes}Orders`, responses: answers(page) } }],
    ]),
  );
  return JSON.stringify({ openapi: '3.1.0', info: { title: 'Findings', version: '1.0.0' }, paths });
}

async function start(findings: Gateway['findings'], upstream: string, folder: string): Promise<Gateway> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const file = join(folder, `${findings}.yaml`);
  writeFileSync(
    file,
    `admin: { host: 127.0.0.1, port: ${adminPort} }
telemetry: { accessLog: stdout${findings === 'off' ? ', limits: { findings: 0 }' : ''} }
contracts: { bench: { openapi: openapi.json } }
listeners: { ingress: { host: 127.0.0.1, port: ${port} } }
routes: [{ name: bench, listener: ingress, upstream: "${upstream}", contract: bench }]
`,
  );
  const running = launch(process.execPath, [join(here, '../bin/plumbline.js'), 'run', '--config', file], { core: MEASURED_CORE });
  const admin = `http://127.0.0.1:${adminPort}`;
  await untilAnswers(`${admin}/readyz`, running, 30_000);
  return { running, url: `http://127.0.0.1:${port}`, admin, findings };
}

async function accountOf({ admin }: Gateway): Promise<Account> {
  const samples = parseMetrics(await (await fetch(`${admin}/metrics`)).text());
  return {
    requests: sumOf(samples, 'plumbline_requests_total'),
    judged: sumOf(samples, 'plumbline_contract_checks_total', { side: 'response', outcome: 'valid' }),
    drift: sumOf(samples, 'plumbline_drift_observations_total'),
  };
}

/** Once nothing changes any more: answers are judged when they have left. */
async function settled(gateway: Gateway): Promise<Account> {
  let last = await accountOf(gateway);
  for (let i = 0; i < 50; i += 1) {
    await sleep(100);
    const now = await accountOf(gateway);
    if (now.requests === last.requests && now.judged === last.judged) return now;
    last = now;
  }
  return last;
}

/** CPU of one request in microseconds; or why that cannot be said. */
async function burst(gateway: Gateway, { path, drifts }: Case, seconds: number): Promise<number | string> {
  const before = await settled(gateway);
  const from = gateway.running.cpuMs();
  let text = '';
  const onOutput = (more: string): void => {
    text += more;
  };
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '--latency', gateway.url + path];
  await launch('wrk', args, { core: OTHER_CORE, onOutput }).finished((seconds + 20) * 1000);
  const { badAnswers, socketErrors } = parseWrk(text);
  const after = await settled(gateway);
  const spent = gateway.running.cpuMs() - from;
  const [requests, judged, drift] = [after.requests - before.requests, after.judged - before.judged, after.drift - before.drift];
  if (badAnswers > 0 || socketErrors > 0) return `${badAnswers} bad answers, ${socketErrors} broken connections`;
  if (requests < 100 || judged < JUDGED * requests) return `${judged} of ${requests} answers were judged`;
  const wanted = gateway.findings === 'on' && drifts ? judged : 0;
  if (wanted === 0 ? drift > 0 : drift < wanted) return `${drift} times drift was counted in ${requests} answers`;
  return (spent * 1000) / requests;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Spent {
  readonly on: number;
  readonly off: number;
}

/** The bursts of one life of both. */
async function life(what: Case, origin: string, folder: string): Promise<readonly Spent[] | string> {
  const pair = [await start('on', origin, folder), await start('off', origin, folder)] as const;
  const both = (): Promise<Array<number | string>> => Promise.all(pair.map((gateway) => burst(gateway, what, SECONDS)));
  try {
    while (Math.min(...(await Promise.all(pair.map(accountOf))).map(({ requests }) => requests)) < WARM_UP) await both();
    const spent: Spent[] = [];
    for (let spare = SPARE; spent.length < ROUNDS; ) {
      const [on, off] = await both();
      if (typeof on === 'number' && typeof off === 'number') spent.push({ on, off });
      else if (--spare < 0) return `void: ${[on, off].find((one) => typeof one === 'string')}`;
    }
    return spent;
  } finally {
    await Promise.all(pair.map(({ running }) => running.stop()));
  }
}

/** Medians of all bursts, and of what each life says. */
async function measure(what: Case, origin: string, folder: string): Promise<(Spent & { readonly ratios: readonly number[] }) | string> {
  const all: Spent[] = [];
  const ratios: number[] = [];
  for (let lived = 0; lived < LIVES; lived += 1) {
    const spent = await life(what, origin, folder);
    if (typeof spent === 'string') return spent;
    all.push(...spent);
    ratios.push(median(spent.map(({ on, off }) => on / off)));
  }
  return { on: median(all.map(({ on }) => on)), off: median(all.map(({ off }) => off)), ratios };
}

const share = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`;

if (!onPath('wrk')) throw new Error('wrk is not installed');
const folder = mkdtempSync(join(tmpdir(), 'plumbline-findings-'));
let kept = true;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    void stopAll().then(() => process.exit(1));
  });
try {
  writeFileSync(join(folder, 'openapi.json'), documentOf().replaceAll('./contract.openapi.yaml', join(here, 'contract.openapi.yaml')));
  let said = '';
  const onOutput = (text: string): void => {
    said += text;
  };
  const upstream = launch(process.execPath, [join(here, 'findings-upstream.ts')], { core: OTHER_CORE, onOutput });
  while (!said.includes('\n') && !upstream.exited) await sleep(20);
  const origin = `http://127.0.0.1:${said.trim()}`;
  const { cpu, cores, node } = describeMachine('wrk');
  console.log(
    `${cpu}, ${cores} cores${pinning ? '' : ', not pinned'}; Node ${node}; ${LIVES} lives of both, each ${ROUNDS} bursts of ${SECONDS} s\n`,
  );
  console.log('| answers | CPU a request, µs: off | on | findings cost | of single lives | at most |\n|---|---|---|---|---|---|');
  for (const what of CASES) {
    const seen = await measure(what, origin, folder);
    const ratio = typeof seen === 'string' ? Number.NaN : median(seen.ratios);
    const isKept = ratio - 1 <= what.bound;
    kept &&= isKept;
    const cells =
      typeof seen === 'string'
        ? [seen, '', '', '']
        : [
            seen.off.toFixed(1),
            seen.on.toFixed(1),
            `${share(ratio)}${isKept ? '' : ' (over)'}`,
            `${share(Math.min(...seen.ratios))} to ${share(Math.max(...seen.ratios))}`,
          ];
    console.log(`| ${what.name} | ${cells.join(' | ')} | ${what.bound * 100} % |`);
  }
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = kept ? 0 : 1;
