/**
 * Mixed load with faults over all policies, for minutes: `node scripts/ci/soak-faults.ts [--seconds 300] [--seed N] [--rate 250]`. One gateway with its
 * store in memory, and, where there is a redis-server, two that share one Redis, which is stopped, killed and started again meanwhile. Afterwards
 * every request is accounted for, no keyed request was executed twice, and memory, handles, timers and series are as they were when it was warm.
 */
import { parseArgs } from 'node:util';
import { spawnSync } from 'node:child_process';
import { scrape } from '../../test/kit/exposition.ts';
import type { GatewayOptions } from '../../test/kit/gateway-config.ts';
import { startRedis } from '../../test/kit/redis.ts';
import { until } from '../../test/kit/until.ts';
import { pass } from '../../test/kit/timing.ts';
import { Chance } from '../../test/soak/chance.ts';
import { FaultyUpstream } from '../../test/soak/faulty-upstream.ts';
import type { Held } from '../../test/soak/gateway-host.ts';
import { type HostedGateway, startHosted } from '../../test/soak/hosted-gateway.ts';
import { MIB } from '../../test/soak/memory.ts';
import { MixedLoad } from '../../test/soak/mixed-load.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '300' }, seed: { type: 'string' }, rate: { type: 'string', default: '250' } },
});
const SECONDS = Number(values.seconds);
const RATE = Number(values.rate);
const SEED = Number(values.seed ?? 20_261_121);
/** Before the state is taken that the end is held against: all code is warm, all series are born, the store is as full as it gets. */
const WARM_SECONDS = Math.min(80, SECONDS / 3);
/** Now and then the upstream is down for a while, or many ask at once. */
const WEATHER_MS = 4000;
const DOWN_MS = 900;
const BURST = 150;
const LIMITS: Readonly<Record<keyof State, number>> = { heapBytes: 16 * MIB, peakRssBytes: 64 * MIB, files: 4, timers: 4, series: 250 };
/** Connections to the upstream are given up after 4 s without use. */
const QUIET_MS = 30_000;

let failures = 0;
function hold(ok: boolean, figures: string, limit: string): void {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${figures}${ok ? '' : `; ${limit}`}`);
  if (!ok) failures += 1;
}

const schema = { content: { 'application/json': { schema: { type: 'object' } } } };
const operation = (operationId: string, body: boolean): object => ({
  operationId,
  ...(body && { requestBody: schema }),
  responses: { default: { description: 'any', ...schema } },
});
const openapi = {
  openapi: '3.1.0',
  info: { title: 'Soak', version: '1.0.0' },
  paths: {
    '/a/things': { get: operation('list', false), post: operation('create', true), put: operation('change', true) },
    '/a/keyed': { post: operation('pay', true) },
    '/b/things': { get: operation('listB', false), post: operation('createB', true), put: operation('changeB', true) },
  },
};

/** Every policy, so that most of what it can say is said now and then. */
function options(upstream: number, store: object): GatewayOptions {
  const policies = {
    deadline: { total: '2s', attempt: '250ms', connect: '500ms', idle: '400ms' },
    retry: { attempts: 3, backoff: { base: '2ms', max: '20ms' } },
    circuitBreaker: { window: '2s', minCalls: 30, failureRatio: 0.7, open: '200ms', maxOpen: '1s' },
    concurrency: { limit: 20, queue: 20, queueTimeout: '300ms' },
    loadShed: { eventLoopLag: '500ms', inFlight: 2000 },
    rateLimit: [{ name: 'all', rate: Math.ceil(RATE / 3), burst: 60, key: 'operation' }],
    idempotency: { scope: 'shared', required: ['pay'], ttl: '20s' },
    precondition: { required: ['change'] },
    contract: { request: 'report', response: 'report' },
  };
  const route = (name: string, more: object): object => ({
    name,
    listener: 'main',
    match: { path: `/${name}` },
    upstream: { url: `http://127.0.0.1:${upstream}` },
    contract: 'api',
    policies: { ...policies, ...more },
  });
  const fallback = { lastGood: { maxBytes: '1MiB' }, static: { status: 200, body: '{"run":0}' } };
  return {
    upstream,
    openapi,
    sections: {
      store,
      drain: { grace: '5s' },
      routes: [
        route('a', {}),
        route('b', { contract: { request: 'enforce', response: 'enforce' }, precondition: { required: ['changeB'] }, fallback }),
      ],
    },
  };
}

interface Group {
  readonly name: string;
  readonly gateways: readonly HostedGateway[];
  readonly load: MixedLoad;
  readonly upstream: FaultyUpstream;
}

async function startGroup(name: string, count: number, store: object, seed: number): Promise<Group> {
  const chance = new Chance(seed);
  const upstream = new FaultyUpstream(chance);
  const port = await upstream.listen();
  const gateways = await Promise.all(Array.from({ length: count }, () => startHosted(options(port, store))));
  return {
    name,
    gateways,
    upstream,
    load: new MixedLoad(
      gateways.map((gateway) => gateway.port),
      chance,
    ),
  };
}

interface State extends Held {
  readonly series: number;
}

/** When nothing is asked and no connection is open any more. */
async function quiet(gateway: HostedGateway): Promise<State> {
  await until(
    async () => {
      const metrics = await scrape(gateway.adminUrl);
      return ['requests_in_flight', 'downstream_connections', 'upstream_connections', 'concurrency_in_use', 'buffered_bytes'].every(
        (name) => metrics.value(`plumbline_${name}`) === 0,
      );
    },
    'the gateway to be quiet',
    QUIET_MS,
  );
  return { ...(await gateway.measure()), series: await gateway.series() };
}

async function run(groups: readonly Group[], seconds: number, meanwhile: Promise<void>): Promise<void> {
  for (const { load } of groups) load.start(RATE / groups.length);
  await Promise.all([weather(groups, seconds), meanwhile]);
  await Promise.all(groups.map(({ load }) => load.stop()));
}

async function weather(groups: readonly Group[], seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < end; i++) {
    if (i % 2 === 0) for (const { load } of groups) load.burst(BURST);
    else await down(groups);
    await pass(Math.max(0, Math.min(WEATHER_MS, end - performance.now())));
  }
}

async function down(groups: readonly Group[]): Promise<void> {
  for (const { upstream } of groups) upstream.isDown = true;
  await pass(DOWN_MS);
  for (const { upstream } of groups) upstream.isDown = false;
}

const gateways = (groups: readonly Group[]): HostedGateway[] => groups.flatMap((group) => group.gateways);

function tell(warm: State, end: State, name: string): void {
  const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
  const grownBytes = end.heapBytes - warm.heapBytes;
  const within = (Object.keys(LIMITS) as Array<keyof typeof LIMITS>).filter((what) => end[what] - warm[what] > LIMITS[what]);
  hold(
    within.length === 0,
    `${name}: heap ${mib(warm.heapBytes)} warm, ${mib(end.heapBytes)} at the end (${mib(grownBytes)} more); RSS at most ${mib(warm.peakRssBytes)}, ${mib(end.peakRssBytes)}; ` +
      `files ${warm.files}, ${end.files}; timers ${warm.timers}, ${end.timers}; series ${warm.series}, ${end.series}`,
    `more than allowed: ${within.map((what) => `${what} by ${LIMITS[what]}`).join(', ')}`,
  );
}

async function account({ name, gateways: some, load, upstream }: Group): Promise<void> {
  const { sent, answered, broken, left, lost, answers } = load.tally;
  console.log(`\n${name}: ${upstream.requests} requests came to the upstream, which failed ${upstream.faults} times`);
  for (const [what, count] of [...answers].sort(([, a], [, b]) => b - a)) console.log(`  ${String(count).padStart(7)}  ${what}`);
  hold(
    lost === 0 && sent === answered + broken + left,
    `${name}: ${sent} sent = ${answered} answered + ${broken} broken + ${left} left by the client (${lost} lost)`,
    'every request is one of them',
  );
  const metrics = await Promise.all(some.map((gateway) => scrape(gateway.adminUrl)));
  const sum = (metric: string): number => metrics.reduce((all, one) => all + one.value(`plumbline_${metric}`), 0);
  const lines = some.reduce((all, gateway) => all + gateway.log.all().length, 0);
  const seen = sum('requests_total');
  hold(
    lines === seen && seen <= sent && seen >= sent - left,
    `${name}: ${seen} requests counted, ${lines} lines in the log`,
    `as many lines as requests, and of the ${sent} sent none missing but of ${left} that the client left`,
  );
  hold(sum('internal_errors_total') === 0, `${name}: ${sum('internal_errors_total')} faults of the gateway's own`, 'none');
  const { executions } = upstream;
  const twice = [...executions].filter(([, count]) => count > 1);
  const never = [...load.answeredKeys].filter((key) => executions.get(key) !== 1);
  hold(
    twice.length === 0 && never.length === 0,
    `${name}: ${executions.size} keyed requests came whole to the upstream, ${load.answeredKeys.size} of them answered by it; ${twice.length} executed twice, ${never.length} answered and not executed once`,
    `never twice, and once where it was answered: ${[...twice, ...never].slice(0, 5).join(' ')}`,
  );
}

/** Redis stands still, dies and comes back, every few seconds. What it had promised to keep it keeps. */
async function disturb(redis: Awaited<ReturnType<typeof startRedis>>, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const step = Math.min(10_000, (seconds * 1000) / 6);
  for (let i = 0; performance.now() + step < end; i++) {
    await pass(step / 2);
    if (i % 2 === 0) redis.pause();
    else await redis.kill();
    await pass(step / 4);
    if (i % 2 === 0) redis.resume();
    else await redis.restart();
    await pass(step / 4);
  }
}

async function main(): Promise<void> {
  console.log(`seed ${SEED}, ${RATE} requests a second for ${SECONDS} s, the first ${WARM_SECONDS.toFixed(0)} of them to get warm`);
  const withRedis = spawnSync('redis-server', ['--version']).status === 0;
  if (!withRedis) console.log('!!! no redis-server: only the store in memory is tried');
  await using redis = withRedis ? await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']) : undefined;
  const groups = [await startGroup('memory', 1, { kind: 'memory', maxBytes: '4MiB' }, SEED)];
  if (redis !== undefined) groups.push(await startGroup('redis', 2, { kind: 'redis', url: redis.url, timeout: '60ms' }, SEED + 1));
  try {
    await run(groups, WARM_SECONDS, Promise.resolve());
    const warm = await Promise.all(gateways(groups).map(quiet));
    const seconds = SECONDS - WARM_SECONDS;
    await run(groups, seconds, redis === undefined ? Promise.resolve() : disturb(redis, seconds));
    const end = await Promise.all(gateways(groups).map(quiet));
    for (const group of groups) await account(group);
    console.log('');
    gateways(groups).forEach((gateway, i) => {
      const group = groups.find((one) => one.gateways.includes(gateway)) as Group;
      tell(warm[i] as State, end[i] as State, `${group.name} ${group.gateways.indexOf(gateway) + 1}`);
    });
    for (const gateway of gateways(groups)) await gateway.drain();
  } finally {
    for (const gateway of gateways(groups)) await gateway[Symbol.asyncDispose]();
    for (const { upstream } of groups) await upstream.close();
  }
}

try {
  await main();
} catch (error) {
  hold(false, (error as Error).stack ?? String(error), 'that it ends');
}
if (failures > 0) process.exitCode = 1;
