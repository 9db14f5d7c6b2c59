/**
 * Limits that two gateways, in processes of their own, count in one Redis (RL-3). `PLUMBLINE_TEST_OFFERED_S=10` offers for ten seconds, as the
 * figure that is promised has it (1,100 of 5,000); what passes depends on the time alone.
 */
import { expect, it, vi } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { scrape } from '../kit/exposition.ts';
import { header } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { type TestRedis, describeRedis, startRedis } from '../kit/redis.ts';
import { type LoadReport, SteadyLoad } from '../kit/steady-load.ts';
import { SLACK_MS, elapsedMs, median, pass } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

const OFFERED_S = Number(process.env['PLUMBLINE_TEST_OFFERED_S'] ?? 4);
vi.setConfig({ testTimeout: 60_000 + OFFERED_S * 1000 }); // processes are started

const GET = ['GET / HTTP/1.1', 'Host: x'];
/** The default of `store.timeout`. */
const BUDGET_MS = 20;

/** Where only the counting is looked at, `store` has a longer timeout: a machine that does other work besides may let Redis wait for 20 ms. */
async function twoGateways(
  redis: TestRedis,
  upstream: number,
  limit: object,
  store: object = {},
): Promise<[GatewayProcess, GatewayProcess]> {
  const options = {
    upstream,
    route: { policies: { rateLimit: [{ name: 'shared', key: 'peer', ...limit }] } },
    sections: { store: { kind: 'redis', url: redis.url, replicas: 2, ...store } },
  };
  const [one, two] = await Promise.all([startGatewayProcess(options), startGatewayProcess(options)]);
  return [one, two];
}

async function decided(gateway: GatewayProcess, decision: string): Promise<number> {
  return (await scrape(gateway.adminUrl)).value('plumbline_rate_limit_decisions_total', { policy: 'shared', decision });
}

function answered(report: LoadReport, status: number): number {
  return [...report.answers].filter(([key]) => key.startsWith(`${status} `)).reduce((sum, [, n]) => sum + n, 0);
}

/** One after the other. */
async function statuses(gateway: GatewayProcess, n: number): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < n; i++) all.push((await exchangeRaw(gateway.port, GET)).status);
  return all;
}

describeRedis('a limit that two gateways share', () => {
  it('RL-3: 500 a second against 100 a second and a burst of 100: what passes is the burst and 100 a second, not twice that', async () => {
    await using redis = await startRedis();
    const passedAt: number[] = [];
    await using origin = await startOrigin((_req, res) => {
      passedAt.push(performance.now());
      res.end();
    });
    const [one, two] = await twoGateways(redis, origin.port, { rate: 100, per: '1s', burst: 100 }, { timeout: '500ms' });
    await using _one = one;
    await using _two = two;
    // Processes that have just begun are slow; then the whole burst is free again.
    await Promise.all([statuses(one, 30), statuses(two, 30)]);
    await pass(1100);
    passedAt.length = 0;
    const from = performance.now();
    const loads = [one, two].map(({ port }) => new SteadyLoad(() => port, GET, 250));
    await pass(OFFERED_S * 1000);
    const reports = await Promise.all(loads.map((load) => load.stop()));
    const endedMs = performance.now() - from;
    const admitted = reports.reduce((sum, report) => sum + answered(report, 200), 0);
    const refused = reports.reduce((sum, report) => sum + answered(report, 429), 0);
    console.log(`offered ${admitted + refused} in ${OFFERED_S} s: ${admitted} passed`);
    expect(reports.flatMap(({ lost }) => lost)).toEqual([]);
    // From the first that passed to the last, and no more than in the whole time.
    const windowMs = (passedAt.at(-1) ?? 0) - (passedAt[0] ?? 0);
    expect(windowMs).toBeGreaterThan(OFFERED_S * 900 - SLACK_MS);
    expect(admitted).toBeGreaterThan((100 + windowMs / 10) * 0.98);
    expect(admitted).toBeLessThan((100 + endedMs / 10) * 1.02);
    expect(passedAt).toHaveLength(admitted);
    expect([await decided(one, 'degraded'), await decided(two, 'degraded')]).toEqual([0, 0]);
  });

  it('RL-3: Redis hangs: each has its share, loses little time, says so, and counts together again when Redis is back', async () => {
    await using redis = await startRedis();
    await using origin = await startOrigin();
    const [one, two] = await twoGateways(redis, origin.port, { rate: 10, per: '1h', burst: 10 }, { timeout: '500ms' });
    await using _one = one;
    await using _two = two;
    const together = () => until(async () => (await scrape(one.adminUrl)).value('plumbline_store_up') === 1, 'Redis in use', 20_000);
    await together();
    expect(await statuses(one, 2)).toEqual([200, 200]);
    redis.pause();
    expect(await statuses(one, 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await statuses(two, 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect([await decided(one, 'degraded'), await decided(two, 'degraded')]).toEqual([5, 5]);
    redis.resume();
    // Both shares are used up: what passes now was counted in Redis, where two were used before, and what it had heard while it hung.
    const first = await until(async () => {
      const answer = await exchangeRaw(one.port, GET);
      return answer.status === 200 && answer;
    }, 'a request that Redis lets through');
    expect(header(first.headers, 'ratelimit')).toMatch(/^"shared";r=[0-7];/);
    expect(await decided(one, 'degraded')).toBe(5);
  });

  it('RL-3: a hanging Redis costs a request 25 ms at most', async () => {
    await using redis = await startRedis();
    await using origin = await startOrigin();
    const [one, two] = await twoGateways(redis, origin.port, { rate: 1000, per: '1s', burst: 1000 });
    await using _one = one;
    await using _two = two;
    const asked = (): Promise<number> => elapsedMs(() => exchangeRaw(one.port, GET));
    const inUse = () => until(async () => (await scrape(one.adminUrl)).value('plumbline_store_up') === 1, 'Redis in use', 20_000);
    const usual: number[] = [];
    for (let i = 0; i < 30; i++) usual.push(await asked());
    /** The first one is who finds out, the others follow it. */
    const [first, others]: [number[], number[]] = [[], []];
    for (let round = 0; round < 7; round++) {
      await inUse();
      redis.pause();
      // A timer of the budget's length beside it: how late the machine itself is just now.
      const lateMs = elapsedMs(() => pass(BUDGET_MS)).then((ms) => ms - BUDGET_MS);
      first.push((await asked()) - (await lateMs));
      for (let i = 0; i < 6; i++) others.push(await asked());
      redis.resume();
    }
    const added = [median(first) - median(usual), median(others) - median(usual)];
    console.log(`added by a hanging Redis: ${added.map((ms) => ms.toFixed(1)).join(' ms to the first, ')} ms to those that follow`);
    for (const ms of added) expect(ms).toBeLessThan(25 + SLACK_MS);
    expect(await decided(one, 'degraded')).toBeGreaterThan(0);
  });

  it('RL-3: Redis dies and comes back empty: no request fails', async () => {
    await using redis = await startRedis();
    await using origin = await startOrigin();
    const [one, two] = await twoGateways(redis, origin.port, { rate: 1000, per: '1s', burst: 1000 });
    await using _one = one;
    await using _two = two;
    const load = new SteadyLoad(() => one.port, GET, 100);
    await until(() => load.sent > 20, 'load');
    await redis.kill();
    await until(async () => (await decided(one, 'degraded')) > 10, 'the local share');
    await redis.restart();
    await until(async () => (await scrape(one.adminUrl)).value('plumbline_store_up') === 1, 'Redis in use', 20_000);
    const before = await decided(one, 'allowed');
    await until(async () => (await decided(one, 'allowed')) > before + 10, 'counting together');
    const report = await load.stop();
    expect([report.lost, answered(report, 200)]).toEqual([[], report.sent]);
  });

  it('RL-5: requests of both wait for turns of one quota', async () => {
    await using redis = await startRedis();
    const at: number[] = [];
    await using origin = await startOrigin((_req, res) => {
      at.push(performance.now());
      res.end();
    });
    const [one, two] = await twoGateways(redis, origin.port, { rate: 40, per: '1s', burst: 1, mode: 'queue' }, { timeout: '500ms' });
    await using _one = one;
    await using _two = two;
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => exchangeRaw((i % 2 === 0 ? one : two).port, GET)));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(19 * 25 - 10);
  });
});
