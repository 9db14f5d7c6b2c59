/** Many operations and many consumers through the real stages and the real registry: everything of the gateway but its sockets. */
import { type Prometheus, createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import type { Contract } from '../../src/core/contract.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import { Issues, type Schema } from '../../src/core/schema.ts';
import { ByteBudget } from '../../src/pipeline/byte-budget.ts';
import { compileRoute } from '../../src/pipeline/compile.ts';
import { TrustedPeers, serve } from '../../src/pipeline/pipeline.ts';
import { RouteTable } from '../../src/pipeline/routes.ts';
import { targetSplitter } from '../../src/pipeline/target.ts';
import { UpgradeLimit } from '../../src/pipeline/upgrade-limit.ts';
import { parseBlock } from '../../src/core/address.ts';
import { contractSchema } from '../../src/policies/contract/config.ts';
import { deadlineSchema } from '../../src/policies/deadline/config.ts';
import { identitySchema } from '../../src/policies/identity/config.ts';
import { rateLimitSchema } from '../../src/policies/rate-limit/config.ts';
import { retryUnsent } from '../../src/policies/retry/plan.ts';
import { AT_ONCE } from '../kit/clock.ts';
import { FakeDownstream } from '../kit/downstream.ts';
import { answerOf, fakeDeps, requestHead, routeSpec } from '../kit/exchange.ts';
import { FakeUpstream } from '../kit/upstream.ts';

/** The defaults of `telemetry.limits`. */
export const LIMITS = { operations: 300, consumers: 50, versionsPerConsumer: 3, lines: 5000 };

/** One scrape: lines as they are printed, and the value of each series. */
export interface Printed {
  readonly lines: number;
  readonly series: ReadonlyMap<string, number>;
}

export async function print(prometheus: Prometheus, accept: string | undefined): Promise<Printed> {
  const lines = (await prometheus.scrape(accept)).body.trimEnd().split('\n');
  const samples = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(' # ')[0] as string);
  return {
    lines: lines.length,
    series: new Map(
      samples.map((line): [string, number] => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    ),
  };
}

/** Sum over the series of one name that have all these labels, written as they are printed. */
export function sum({ series }: Printed, name: string, ...labels: readonly string[]): number {
  let total = 0;
  for (const [key, value] of series) if (key.startsWith(`${name}{`) && labels.every((label) => key.includes(label))) total += value;
  return total;
}

/** The values that a label has, over all series of a name; of every name where it is empty. */
export function valuesOf({ series }: Printed, name: string, label: string): ReadonlySet<string> {
  const found = new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`);
  const keys = [...series.keys()].filter((key) => name === '' || key.startsWith(`${name}{`));
  return new Set(keys.flatMap((key) => found.exec(key)?.[1] ?? []));
}

function defaults<T>(schema: Schema<T>, written: unknown = {}): T {
  return schema.parse(written, [], new Issues());
}

/** A route with every stage that counts by operation or consumer. `ask` sends one request and has the upstream answer it. */
export function crowd(contract: Contract) {
  const prometheus = createPrometheus({ limits: LIMITS });
  const deps = { ...fakeDeps(), meter: prometheus.meter };
  const upstream = new FakeUpstream();
  const spec = routeSpec({ contract, api: contract.name });
  const deadline = defaults(deadlineSchema);
  const configs = {
    metrics: undefined,
    sla: { availability: 0.999, latency: { p95: 300 } },
    errorCodes: undefined,
    tracing: { ids: 'anyone' },
    outcomes: undefined,
    deprecation: undefined,
    contractSkew: { builtOn: new Map() },
    identity: { ids: 'anyone', consumer: defaults(identitySchema).consumer, tokens: undefined, judged: false },
    deadline,
    rateLimit: defaults(rateLimitSchema, [{ name: 'each', rate: 1_000_000, per: '1s', burst: 1_000_000, key: 'consumer' }]),
    contract: defaults(contractSchema),
    attemptMetrics: undefined,
    attemptTimeout: deadline,
    propagation: undefined,
  };
  const ends = { retryPlan: retryUnsent(spec, deps), upstream, rewriting: { stripPrefix: '', host: undefined } };
  const route = compileRoute(spec, configs, ends, deps);
  const match = { path: '/', host: undefined, methods: undefined, headers: {}, mediaType: undefined };
  const bugs: string[] = [];
  const generation = {
    number: 1,
    tables: new Map([['ingress', new RouteTable([{ match, route }], route)]]),
    trust: new TrustedPeers([parseBlock('127.0.0.0/8')].filter((block) => block !== undefined)),
    splitTarget: targetSplitter('reject'),
    deps: {
      clock: deps.clock,
      timers: deps.timers,
      budget: new ByteBudget(1_000_000),
      upgrades: new UpgradeLimit(10, { set() {}, inc() {}, dec() {} }),
      afterwork: AT_ONCE,
      errorDetail: 'full' as const,
      bug: (_x: Exchange, stage: string, hook: string) => void bugs.push(`${stage} ${hook}`),
    },
  };
  let done = 0;
  const ask = async (method: string, target: string, consumer: string, status: number): Promise<void> => {
    const before = done;
    const headers = ['Host', 'x', 'X-Consumer-Name', consumer, 'X-Consumer-Version', `${consumer.length}.${done % 5}`];
    serve(generation, 'ingress', requestHead({ method, target, headers }), new FakeDownstream(), '127.0.0.1', undefined, () => (done += 1));
    const call = upstream.calls.pop();
    call?.to.onHead(answerOf(status, { headers: ['Content-Type', 'application/json'] }));
    call?.to.onData(Buffer.from(`{"code":"REASON_${String.fromCharCode(65 + (done % 26))}${String.fromCharCode(65 + (done % 7))}"}`));
    call?.to.onEnd([]);
    for (let turns = 0; done === before && turns < 100; turns++) await Promise.resolve();
  };
  return { prometheus, ask, bugs, done: () => done };
}

/** Series that counted something and are gone, or count less than before. */
export function lost(before: Printed, after: Printed): string[] {
  const counters = [...before.series].filter(
    ([key]) => /^[a-z_]+(_total|_bucket|_count|_sum)(\{|$)/.test(key) && key.startsWith('plumbline_'),
  );
  return counters.filter(([key, value]) => !((after.series.get(key) ?? -1) >= value)).map(([key]) => key);
}
