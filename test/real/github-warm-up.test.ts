import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractSource } from '../../src/adapters/contract-source.ts';
import { loadContract } from '../../src/contracts/registry.ts';
import { scrape } from '../kit/exposition.ts';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { SLACK_MS, median, pass } from '../kit/timing.ts';
import { until } from '../kit/until.ts';
import { type FirstRequest, firstRequests } from './first-requests.ts';
import { DOCUMENT_PATH, isInstalled, readDocument } from './github.ts';
import { busyMs, ownWaitMs, waitOfLastChild } from './run-queue.ts';

const CPU_MS = 5000 + SLACK_MS;
const DELAY_MS = 20 + SLACK_MS;
/** Requests a second. */
const RATE = 100;
/** With everything compiled, for comparison. */
const WARM_REQUESTS = 150;
/** Starts, each of a process of its own: other work on the machine only ever adds to a time, so one good start shows what the gateway needs. */
const STARTS = 3;

interface WarmUp {
  /** Of the whole process, without what its requests needed. */
  readonly cpuMs: number;
  readonly tookMs: number;
  readonly requests: number;
  /** How much longer than the median of warm requests: the slowest request during the warm-up, and the 99th of a hundred. */
  readonly worstMs: number;
  readonly p99Ms: number;
}

describe.skipIf(!isInstalled)("the validators of GitHub's contract", () => {
  let requests: readonly FirstRequest[];
  let origin: Origin;
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    requests = firstRequests(readDocument(), 40);
    const answers = new Map(requests.map(({ target, answer }) => [target, Buffer.from(answer)]));
    origin = await startOrigin((req, res) => {
      const body = answers.get(req.url ?? '') ?? Buffer.alloc(0);
      res.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', String(body.length)]);
      res.end(body);
    });
  });

  afterAll(async () => {
    agent.destroy();
    await origin?.close();
  });

  it('compile one by one, none for longer than a request may be delayed', { timeout: 30_000 }, async () => {
    const { contract } = await loadContract('openapi', {
      name: 'github',
      uri: DOCUMENT_PATH,
      basePath: 'auto',
      formats: 'assert',
      ...contractSource(),
    });
    if (contract === undefined) throw new Error('it does not load');
    const steps: number[] = [];
    for (let more = true; more; ) {
      const [from, waited] = [performance.now(), ownWaitMs()];
      more = contract.warmUp();
      steps.push(performance.now() - from - (ownWaitMs() - waited));
    }
    steps.sort((a, b) => b - a);
    const sum = steps.reduce((all, step) => all + step, 0);
    process.stderr.write(`${steps.length} steps of warm-up: ${sum.toFixed(0)} ms, the longest ${steps[0]?.toFixed(1)} ms\n`);
    expect(steps.length).toBeGreaterThan(3000);
    expect(sum).toBeLessThan(CPU_MS);
    // The longest of four thousand may be one during which the garbage of all was collected.
    expect(steps[2]).toBeLessThan(DELAY_MS);
  });

  it('are compiled in the background in under 5 s of CPU, and delay no request by more than 20 ms', { timeout: 90_000 }, async () => {
    const made: WarmUp[] = [];
    while (made.length < STARTS && !made.some(isGood)) {
      const one = await start();
      made.push(one);
      const figures = [`${one.cpuMs.toFixed(0)} ms of CPU in ${(one.tookMs / 1000).toFixed(1)} s`, `${one.requests} requests`];
      process.stderr.write(`warm-up: ${figures.join(', ')}; added: ${one.p99Ms.toFixed(1)} ms p99, ${one.worstMs.toFixed(1)} ms worst\n`);
    }
    expect(Math.min(...made.map(({ cpuMs }) => cpuMs))).toBeLessThan(CPU_MS);
    expect(Math.min(...made.map(({ worstMs }) => worstMs))).toBeLessThanOrEqual(DELAY_MS);
  });

  function isGood({ cpuMs, worstMs }: WarmUp): boolean {
    return cpuMs < CPU_MS && worstMs <= DELAY_MS;
  }

  async function start(): Promise<WarmUp> {
    await using gateway = await startGatewayProcess({
      upstream: origin.port,
      route: { contract: 'github' },
      sections: { contracts: { github: { openapi: DOCUMENT_PATH } } },
    });
    const gatewayWait = waitOfLastChild();
    const isWarm = (): boolean => gateway.stderr.includes('all validators are compiled');
    // Connections and code that any first request needs are no part of what is measured.
    await run(gateway, gatewayWait, (n) => n === 10);
    expect(isWarm()).toBe(false);
    const [coldCpuMs, from] = [await cpuMs(gateway), performance.now()];
    const cold = await run(gateway, gatewayWait, (n) => isWarm() || n > 60 * RATE);
    const tookMs = performance.now() - from;
    expect(isWarm()).toBe(true);
    const warmCpuMs = await cpuMs(gateway);
    const warm = await run(gateway, gatewayWait, (n) => n === WARM_REQUESTS);
    const each = ((await cpuMs(gateway)) - warmCpuMs) / warm.length;
    cold.sort((a, b) => b - a);
    const usual = median(warm);
    return {
      cpuMs: warmCpuMs - coldCpuMs - each * cold.length,
      tookMs,
      requests: cold.length,
      worstMs: (cold[0] ?? Infinity) - usual,
      p99Ms: (cold[Math.floor(cold.length / 100)] ?? Infinity) - usual,
    };
  }

  /** A request every 10 ms, whether or not the one before is answered, until `enough` of them; milliseconds of each. */
  async function run({ port }: GatewayProcess, gatewayWait: () => number, enough: (made: number) => boolean): Promise<number[]> {
    const under: Array<Promise<number>> = [];
    const from = performance.now();
    while (!enough(under.length)) {
      const { target } = requests[under.length % requests.length] as FirstRequest;
      under.push(busyMs([gatewayWait, ownWaitMs], () => get(port, target)));
      await pass(Math.max(0, from + (under.length * 1000) / RATE - performance.now()));
    }
    return Promise.all(under);
  }

  function get(port: number, path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port, agent, path }, (res) => {
        res.resume();
        res.on('end', resolve);
        res.on('error', reject);
      });
      req.on('error', reject);
      req.end();
    });
  }
});

async function cpuMs({ adminUrl }: GatewayProcess): Promise<number> {
  return until(async () => (await scrape(adminUrl)).value('process_cpu_seconds_total') * 1000, 'the CPU time of the gateway');
}
