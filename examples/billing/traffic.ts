import { Agent, type IncomingMessage, request } from 'node:http';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { CONSUMERS, type Call, type Seen } from './consumers.ts';
import { pick, type Randomness, randomness } from './randomness.ts';

export interface TrafficOptions {
  /** Origin that is called, `http://host:port`. */
  readonly target: string;
  /** Requests a second, 1 to 200. */
  readonly rate?: number;
  /** The same seed gives the same sequence of calls, as long as the answers are the same. */
  readonly seed?: number;
}

export interface TrafficTotals {
  readonly sent: number;
  readonly answered: number;
  /** No answer came: connection refused, reset, timeout. */
  readonly failed: number;
}

export interface Traffic {
  totals(): TrafficTotals;
  /** Sends nothing more and waits, for a second at most, for what is under way. */
  stop(): Promise<void>;
}

const TICK_MS = 25;
const MAX_UNDER_WAY = 32;
const ANSWER_TIMEOUT_MS = 5000;

/** Plays the consumers of `consumers.ts` against a target until it is stopped. A target that is slow or gone slows it down and harms nothing. */
export function startTraffic(options: TrafficOptions): Traffic {
  const rate = Math.min(Math.max(options.rate ?? 40, 1), 200);
  const random = randomness(options.seed ?? 1);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const totals = { sent: 0, answered: 0, failed: 0 };
  const underWay = new Set<Promise<void>>();
  const seen: Seen = { payments: ['pay_abc'], etags: new Map() };
  let owed = 0;
  let lastAt = performance.now();

  const timer = setInterval(() => {
    const now = performance.now();
    owed = Math.min(owed + ((now - lastAt) * rate) / 1000, rate / 4);
    lastAt = now;
    for (; owed >= 1 && underWay.size < MAX_UNDER_WAY; owed -= 1) {
      const call = nextCall(random, totals.sent, seen);
      totals.sent += 1;
      const running = send(agent, options.target, call, seen).then(
        () => {
          totals.answered += 1;
        },
        () => {
          totals.failed += 1;
        },
      );
      underWay.add(running);
      void running.then(() => underWay.delete(running));
    }
  }, TICK_MS);

  return {
    totals: () => ({ ...totals }),
    async stop() {
      clearInterval(timer);
      const patience = setTimeout(() => agent.destroy(), 1000);
      await Promise.allSettled(underWay);
      clearTimeout(patience);
      agent.destroy();
    },
  };
}

/** The call with this number: a consumer by weight, then one of its habits by weight. */
export function nextCall(random: Randomness, number: number, seen: Seen): Call {
  const consumer = pick(random, CONSUMERS);
  const call = pick(random, consumer.habits).make({ random, number, seen });
  return { ...call, headers: { ...consumer.headers, ...call.headers } };
}

async function send(agent: Agent, target: string, call: Call, seen: Seen): Promise<void> {
  const { statusCode, headers } = await ask(agent, target, call);
  if (headers.location !== undefined) remember(seen, headers.location);
  if (statusCode === 200 && headers.etag !== undefined) seen.etags.set(call.path, headers.etag);
}

/** The answer, once its last byte is here. */
function ask(agent: Agent, target: string, { method, path, headers, body }: Call): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(target), { agent, method, path, headers, timeout: ANSWER_TIMEOUT_MS }, (answer) => {
      answer
        .once('error', reject)
        .once('end', () => resolve(answer))
        .resume();
    });
    asked.once('error', reject).once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.end(body);
  });
}

function remember(seen: Seen, location: string): void {
  seen.payments.push(location.slice(location.lastIndexOf('/') + 1));
  if (seen.payments.length > 50) seen.payments.shift();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'http://127.0.0.1:7080' },
      rate: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
    },
  });
  const traffic = startTraffic({ target: values.target, rate: Number(values.rate), seed: Number(values.seed) });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void traffic.stop().then(() => process.stdout.write(`${JSON.stringify(traffic.totals())}\n`)));
  }
}
