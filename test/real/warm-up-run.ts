import { Agent, request } from 'node:http';
import { scrape } from '../kit/exposition.ts';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { median, pass } from '../kit/timing.ts';
import { type FirstRequest, firstRequests } from './first-requests.ts';
import { DOCUMENT_PATH, readDocument } from './github.ts';
import { busyMs, ownWaitMs, waitOfLastChild } from './run-queue.ts';

/** Requests a second. */
const RATE = 100;
/** With everything compiled, for comparison. */
const WARM_REQUESTS = 300;
/** A starved machine gets no further. */
const MOST_REQUESTS = 6000;

/** What the warm-up of GitHub's contract cost while requests ran. */
export interface WarmUpRun {
  /** All validators were compiled. */
  readonly isDone: boolean;
  /** Of the whole process, without what its requests needed. */
  readonly cpuMs: number;
  readonly tookMs: number;
  readonly requests: number;
  /** By how much the slowest requests during the warm-up were slower than the median of later ones: the slowest of all, and of a hundred. */
  readonly worstMs: number;
  readonly p99Ms: number;
  /** The same of the later ones: what the machine itself adds. */
  readonly noiseMs: number;
}

/** Starts a gateway in a process of its own and sends it a request every 10 ms until its warm-up is over, and some after that. */
export async function measureWarmUp(): Promise<WarmUpRun> {
  const requests = firstRequests(readDocument(), 40);
  const answers = new Map(requests.map(({ target, answer }) => [target, Buffer.from(answer)]));
  await using origin = await startOrigin((req, res) => {
    const body = answers.get(req.url ?? '') ?? Buffer.alloc(0);
    res.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', String(body.length)]);
    res.end(body);
  });
  await using gateway = await start(origin);
  const gatewayWait = waitOfLastChild();
  const agent = new Agent({ keepAlive: true });
  const run = (enough: (made: number) => boolean): Promise<number[]> => sendSteadily(requests, gateway.port, agent, gatewayWait, enough);
  const isDone = (): boolean => gateway.stderr.includes('all validators are compiled');
  // Connections and code that any first request needs are no part of what is measured.
  await run((made) => made === 10);
  const [coldCpuMs, from] = [await cpuMs(gateway), performance.now()];
  const cold = await run((made) => isDone() || made > MOST_REQUESTS);
  const tookMs = performance.now() - from;
  const warmCpuMs = await cpuMs(gateway);
  const warm = await run((made) => made === WARM_REQUESTS);
  const each = ((await cpuMs(gateway)) - warmCpuMs) / warm.length;
  agent.destroy();
  cold.sort((a, b) => b - a);
  const usual = median(warm);
  return {
    isDone: isDone(),
    cpuMs: warmCpuMs - coldCpuMs - each * cold.length,
    tookMs,
    requests: cold.length,
    worstMs: (cold[0] ?? Infinity) - usual,
    p99Ms: (cold[Math.floor(cold.length / 100)] ?? Infinity) - usual,
    noiseMs: Math.max(...warm) - usual,
  };
}

export function toldWarmUp({ cpuMs, tookMs, requests, p99Ms, worstMs, noiseMs }: WarmUpRun): string {
  const added = `added to the slowest of a hundred ${p99Ms.toFixed(1)} ms, to the slowest of all ${worstMs.toFixed(1)} ms (later ${noiseMs.toFixed(1)} ms)`;
  return `${cpuMs.toFixed(0)} ms of CPU in ${(tookMs / 1000).toFixed(1)} s, during ${requests} requests; ${added}`;
}

function start(origin: Origin): Promise<GatewayProcess> {
  return startGatewayProcess({
    upstream: origin.port,
    route: { contract: 'github' },
    sections: { contracts: { github: { openapi: DOCUMENT_PATH } } },
  });
}

/** Whether or not the one before is answered; milliseconds of each, without the time in which other processes had the processor. */
async function sendSteadily(
  requests: readonly FirstRequest[],
  port: number,
  agent: Agent,
  gatewayWait: () => number,
  enough: (made: number) => boolean,
): Promise<number[]> {
  const under: Array<Promise<number>> = [];
  const from = performance.now();
  while (!enough(under.length)) {
    const { target } = requests[under.length % requests.length] as FirstRequest;
    under.push(busyMs([gatewayWait, ownWaitMs], () => get(port, agent, target)));
    await pass(Math.max(0, from + (under.length * 1000) / RATE - performance.now()));
  }
  return Promise.all(under);
}

function get(port: number, agent: Agent, path: string): Promise<void> {
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

async function cpuMs({ adminUrl }: GatewayProcess): Promise<number> {
  return (await scrape(adminUrl)).value('process_cpu_seconds_total') * 1000;
}
