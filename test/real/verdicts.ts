import { Agent } from 'node:http';
import type { Side, SkipReason, Violation } from '../../src/core/contract.ts';
import { scrape } from '../kit/exposition.ts';
import type { GatewayProcess } from '../kit/gateway-process.ts';
import { pass } from '../kit/timing.ts';
import { until } from '../kit/until.ts';
import type { Recording } from './recordings.ts';
import { type RecordedOrigin, type Replayed, send } from './replay.ts';

/** `valid`, `invalid`, `skipped: reason`, or `none`: nothing was counted. */
export type Verdict = string;

/** What the gateway made of one exchange, by its metrics, its access log and its API. */
export interface Verdicts {
  readonly recording: Recording;
  readonly answer: Replayed;
  /** `_unmatched`: the contract does not know the path or the method. */
  readonly operation: string;
  readonly request: Verdict;
  readonly response: Verdict;
  readonly violations: readonly Violation[];
}

const REASONS: readonly SkipReason[] = [
  'sampled',
  'too_large',
  'media_type',
  'no_schema',
  'no_contract',
  'stream',
  'overload',
  'encoding',
  'unsupported',
];
const OUTCOMES: ReadonlyArray<readonly [name: Verdict, labels: Readonly<Record<string, string>>]> = [
  ['valid', { outcome: 'valid' }],
  ['invalid', { outcome: 'invalid' }],
  ...REASONS.map((reason) => [`skipped: ${reason}`, { outcome: 'skipped', reason }] as const),
];
const CHECKS = 'plumbline_contract_checks_total';
/** A machine that does other work may hold the gateway up so long that it skips what observes; that says nothing about the contract. */
const MOST_ATTEMPTS = 40;

type Counts = ReadonlyMap<string, number>;

/** Replays recordings one after the other over one connection. */
export class Replayer {
  readonly #gateway: GatewayProcess;
  readonly #origin: RecordedOrigin;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #counted: Counts | undefined;
  /** Exchanges that were sent again because the gateway said `overload`. */
  repeated = 0;

  /** `port`: of the listener, where it is not the first. */
  constructor(gateway: GatewayProcess, origin: RecordedOrigin, port = gateway.port) {
    this.#gateway = gateway;
    this.#origin = origin;
    this.#port = port;
  }

  async replay(recording: Recording): Promise<Verdicts> {
    for (let attempt = 1; ; attempt++) {
      const verdicts = await this.#once(recording);
      const isSkipped = [verdicts.request, verdicts.response].includes('skipped: overload');
      if (!isSkipped || attempt === MOST_ATTEMPTS) return verdicts;
      this.repeated += 1;
      await pass(100);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #once(recording: Recording): Promise<Verdicts> {
    const before = this.#counted ?? (await this.#counts());
    this.#origin.play(recording);
    const answer = await send(recording, this.#port, this.#agent);
    const line = await this.#gateway.log.one(({ request_id }) => request_id === answer.requestId);
    const after = await this.#counts();
    this.#counted = after;
    const { operation } = line as typeof line & { readonly operation: string };
    const violations = line.violations === 0 ? [] : await this.#violations(answer.requestId);
    return {
      recording,
      answer,
      operation,
      request: verdict('request', before, after),
      response: verdict('response', before, after),
      violations,
    };
  }

  async #counts(): Promise<Counts> {
    const metrics = await scrape(this.#gateway.adminUrl);
    const counts = new Map<string, number>();
    for (const side of ['request', 'response'])
      for (const [name, labels] of OUTCOMES) counts.set(`${side} ${name}`, metrics.value(CHECKS, { side, ...labels }));
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (all !== metrics.value(CHECKS)) throw new Error(`${CHECKS} has outcomes or reasons that this test does not know`);
    return counts;
  }

  /** Newest first on the wire; in the order in which they were found here. */
  async #violations(requestId: string): Promise<Violation[]> {
    interface Page {
      readonly items: ReadonlyArray<Violation & { readonly requestId: string }>;
      readonly next: string | null;
    }
    const found: Violation[] = [];
    for (let after = ''; ; ) {
      const answer = await fetch(`${this.#gateway.adminUrl}/api/violations?limit=100${after}`);
      const { items, next } = (await answer.json()) as Page;
      const own = items.filter((item) => item.requestId === requestId);
      found.push(...own);
      if (next === null || own.length < items.length) return found.reverse();
      after = `&after=${next}`;
    }
  }
}

function verdict(side: Side, before: Counts, after: Counts): Verdict {
  const counted = OUTCOMES.map(([name]) => name).filter((name) => after.get(`${side} ${name}`) !== before.get(`${side} ${name}`));
  return counted.length === 0 ? 'none' : counted.join(' and ');
}

/** The address of a further listener, as the command announces it. */
export async function portOf(gateway: GatewayProcess, listener: string): Promise<number> {
  const url = await until(() => new RegExp(`plumbline ${listener} +(\\S+)\\n`).exec(gateway.stderr)?.[1], `the address of ${listener}`);
  return Number(new URL(url).port);
}
