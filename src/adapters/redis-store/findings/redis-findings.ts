import type { FindingAnswer, FindingRow, FindingShare } from '../../../core/findings.ts';
import type { Counter, Meter, Random } from '../../../core/ports.ts';
import type { StoreValue } from '../../../core/store.ts';
import { findingsMetrics } from '../metrics.ts';
import type { RedisScript } from '../scripts.ts';
import { BYTES_A_CALL, type Exchanged, ROWS_A_CALL, exchangeScript } from './exchange-script.ts';

/** What a call may take: nobody waits for it, so that a busy Redis need not be told to be away for its sake. */
export const EXCHANGE_TIMEOUT_MS = 500;

export interface RedisFindingsParts {
  /** Runs a script on keys as they stand here, after the store's prefix; within `EXCHANGE_TIMEOUT_MS`. */
  run<R>(script: RedisScript<R>, keys: readonly string[], values: readonly StoreValue[]): Promise<R | 'unavailable'>;
  /** Findings that are kept in Redis at most. */
  readonly limit: number;
  readonly random: Pick<Random, 'hex'>;
  readonly meter: Meter;
}

/** In braces, so that a cluster has them in one place (Redis Cluster specification, "Hash tags"): they are changed together. */
const SPACE = '{findings}';

/** The findings of all replicas in Redis: one merged record a finding, from what each of them saw; see docs/drift.md. */
export class RedisFindings implements FindingShare {
  readonly #parts: RedisFindingsParts;
  readonly #keys: readonly string[];
  readonly #refused: Counter;
  readonly #unreadable: Counter;
  #epoch = '';
  #cursor = '0';
  /** Counts up with each call that adds something; the same for all tries of one. */
  #sequence = 1;
  /** What the last try of this sequence had: the next one must have the same. */
  #unanswered: readonly string[] | undefined = undefined;

  constructor(parts: RedisFindingsParts) {
    this.#parts = parts;
    this.#keys = [...['rows', 'order', 'about'], `caller:${parts.random.hex(8)}`].map((key) => `${SPACE}:${key}`);
    const notShared = parts.meter.counter(findingsMetrics.notShared);
    this.#refused = notShared.with('full');
    this.#unreadable = notShared.with('unreadable');
  }

  async exchange(differences: readonly FindingRow[]): Promise<FindingAnswer | 'unavailable'> {
    const texts = this.#unanswered ?? fitting(differences);
    this.#unanswered = texts;
    const answer = await this.#call('add', texts.length === 0 ? 0 : this.#sequence, texts);
    if (answer === 'unavailable') return answer;
    this.#unanswered = undefined;
    if (texts.length > 0) this.#sequence += 1;
    return answer;
  }

  offer(rows: readonly FindingRow[]): Promise<FindingAnswer | 'unavailable'> {
    return this.#call('offer', 0, fitting(rows));
  }

  async #call(how: 'add' | 'offer', sequence: number, texts: readonly string[]): Promise<FindingAnswer | 'unavailable'> {
    const { run, random, limit } = this.#parts;
    const values = [how, random.hex(8), this.#epoch, this.#cursor, sequence, limit, ...texts];
    const answer = await run(exchangeScript, this.#keys, values);
    return answer === 'unavailable' ? answer : this.#take(answer, texts.length);
  }

  #take({ epoch, cursor, more, refused, rows, unreadable }: Exchanged, taken: number): FindingAnswer {
    const anew = epoch !== this.#epoch;
    this.#epoch = epoch;
    this.#cursor = cursor;
    this.#refused.inc(refused);
    this.#unreadable.inc(unreadable);
    return { taken, rows, more, anew, refused };
  }
}

/** The first of them, as many as one call takes; one, however long it is. */
function fitting(rows: readonly FindingRow[]): string[] {
  const texts: string[] = [];
  let length = 0;
  for (const row of rows) {
    const text = wellFormed(JSON.stringify(row));
    length += text.length;
    if (texts.length === ROWS_A_CALL || (texts.length > 0 && length > BYTES_A_CALL)) break;
    texts.push(text);
  }
  return texts;
}

/** Half of a pair (a field may be called that) is told in JSON by its number, which Redis' JSON does not take. */
function wellFormed(json: string): string {
  return json.includes('\\ud') ? json.replaceAll(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, '$1\ufffd') : json;
}
