/** What the demo tells, and how it is made from what the admin API says. Pure. */
import { parseMetrics, sumOf } from './metrics-text.ts';

export interface Verdicts {
  readonly valid: number;
  readonly invalid: number;
  readonly skipped: number;
}

/** One way in which the contract is broken, however often. */
export interface Breach {
  readonly operation: string;
  readonly location: string;
  readonly rule: string;
  /** Array indices are `*`. */
  readonly pointer: string;
  /** Exchanges in which it was seen. */
  readonly count: number;
  /** Who was calling, most frequent first. */
  readonly consumers: readonly string[];
}

export interface ConsumerSummary {
  /** Name and version, as it identified itself. */
  readonly name: string;
  readonly requests: number;
  readonly breaches: readonly Breach[];
}

export interface Summary {
  readonly elapsedMs: number;
  readonly exchanges: number;
  readonly requests: Verdicts;
  readonly responses: Verdicts;
  /** Those with the most breaches first. */
  readonly consumers: readonly ConsumerSummary[];
  /** What answers broke, whoever had asked. */
  readonly provider: readonly Breach[];
}

/** An item of `/api/violations`, as far as the demo looks at it. */
export interface ViolationItem {
  readonly id: string | number;
  readonly requestId: string;
  readonly operation: string;
  readonly side: 'request' | 'response';
  readonly location: string;
  readonly rule: string;
  readonly pointer: string;
  readonly consumer: { readonly name: string; readonly version: string };
}

/** `mobile-app 5.0.2`; the name alone where there is no version. */
export function consumerName(consumer: { readonly name: string; readonly version: string }): string {
  return consumer.version === '' ? consumer.name : `${consumer.name} ${consumer.version}`;
}

const MAX_BREACHES = 500;
const MAX_REMEMBERED = 5000;

interface Tally {
  readonly side: 'request' | 'response';
  readonly operation: string;
  readonly location: string;
  readonly rule: string;
  readonly pointer: string;
  readonly by: Map<string, number>;
}

/** Groups violations as they come. What it remembers is bounded; beyond that new ways of breaking the contract are not shown. */
export class Breaches {
  readonly #tallies = new Map<string, Tally>();
  readonly #seen = new Set<string>();
  readonly #counted = new Set<string>();

  /** True: this one was new. */
  add(item: ViolationItem): boolean {
    if (!remember(this.#seen, String(item.id))) return false;
    const pointer = item.pointer.replace(/\/\d+(?=\/|$)/g, '/*');
    const key = [item.side, item.operation, item.location, item.rule, pointer].join('\n');
    // One exchange counts once, however many entries of a list are wrong in the same way.
    if (!remember(this.#counted, `${key}\n${item.requestId}`)) return true;
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      if (this.#tallies.size >= MAX_BREACHES) return true;
      const { side, operation, location, rule } = item;
      tally = { side, operation, location, rule, pointer, by: new Map() };
      this.#tallies.set(key, tally);
    }
    const name = consumerName(item.consumer);
    tally.by.set(name, (tally.by.get(name) ?? 0) + 1);
    return true;
  }

  /** What answers broke. */
  ofProvider(): Breach[] {
    const all = [...this.#tallies.values()].filter((tally) => tally.side === 'response');
    return all.map((tally) => breach(tally, total(tally))).sort(byCount);
  }

  /** What the requests of one consumer broke. */
  ofConsumer(name: string): Breach[] {
    const all = [...this.#tallies.values()].filter((tally) => tally.side === 'request' && tally.by.has(name));
    return all.map((tally) => breach(tally, tally.by.get(name) ?? 0)).sort(byCount);
  }
}

/** Puts it all together. `metrics`: `/metrics` as text. */
export function summarise(elapsedMs: number, metrics: string, breaches: Breaches): Summary {
  const samples = parseMetrics(metrics);
  const verdicts = (side: string): Verdicts => ({
    valid: sumOf(samples, 'plumbline_contract_checks_total', { side, outcome: 'valid' }),
    invalid: sumOf(samples, 'plumbline_contract_checks_total', { side, outcome: 'invalid' }),
    skipped: sumOf(samples, 'plumbline_contract_checks_total', { side, outcome: 'skipped' }),
  });
  const requests = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    if (name !== 'plumbline_consumer_requests_total') continue;
    const consumer = consumerName({ name: labels.get('consumer') ?? '', version: labels.get('consumer_version') ?? '' });
    requests.set(consumer, (requests.get(consumer) ?? 0) + value);
  }
  const consumers = [...requests].map(([name, count]) => ({ name, requests: count, breaches: breaches.ofConsumer(name) }));
  const wrong = (consumer: ConsumerSummary): number => consumer.breaches.reduce((sum, b) => sum + b.count, 0);
  consumers.sort((a, b) => wrong(b) - wrong(a) || a.name.localeCompare(b.name));
  return {
    elapsedMs,
    exchanges: sumOf(samples, 'plumbline_requests_total'),
    requests: verdicts('request'),
    responses: verdicts('response'),
    consumers,
    provider: breaches.ofProvider(),
  };
}

function breach(tally: Tally, count: number): Breach {
  const { operation, location, rule, pointer } = tally;
  const consumers = [...tally.by].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name);
  return { operation, location, rule, pointer, count, consumers };
}

function total(tally: Tally): number {
  let sum = 0;
  for (const count of tally.by.values()) sum += count;
  return sum;
}

function byCount(a: Breach, b: Breach): number {
  return b.count - a.count || a.operation.localeCompare(b.operation) || a.rule.localeCompare(b.rule) || a.pointer.localeCompare(b.pointer);
}

/** False where it was known; the oldest is forgotten when there are too many. */
function remember(known: Set<string>, key: string): boolean {
  if (known.has(key)) return false;
  known.add(key);
  if (known.size > MAX_REMEMBERED) {
    for (const oldest of known) {
      known.delete(oldest);
      break;
    }
  }
  return true;
}
