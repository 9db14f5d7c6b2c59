import type { OutcomeChanges, OutcomeRow } from '../core/outcome-journal.ts';
import type { OutcomeItem, OutcomePage, OutcomeQuery, Settlement } from '../core/views.ts';

/** What is known of an outcome when it is found; `id`, `at` and the state are the ledger's. */
export type FoundOutcome = Omit<OutcomeItem, 'id' | 'at' | 'state' | 'settledAs' | 'settledAt' | 'note'>;

export interface OutcomeLedgerOptions {
  /** How many are kept (`telemetry.limits.outcomes`). At least 1. */
  readonly limit: number;
  /** Told apart in ids: another run of the process must have another one. Letters and digits. */
  readonly instance: string;
}

/** Longest text kept of one field, UTF-16 code units. */
const MAX_TEXT = 1024;

/**
 * Mutations of which nobody knows whether the upstream carried them out, until somebody says so. Bounded in number and size: over the limit
 * the oldest settled one goes, and where none is settled the oldest. One entry for one idempotency key.
 */
export class OutcomeLedger {
  readonly #limit: number;
  readonly #instance: string;
  /** Runs whose items are here, or were: theirs are the ids that can be asked for. */
  readonly #instances: Set<string>;
  /** The oldest first, by number. */
  readonly #rows: OutcomeRow[] = [];
  /** The newest of each idempotency key. */
  readonly #byKey = new Map<string, OutcomeRow>();
  readonly #open = new Map<string, number>();
  #next = 0;
  #settled = 0;
  #dropped = 0;
  /** The journal has yet to be told everything; until then it is not noted what changes. */
  #anew = true;
  #changed: number[] = [];
  #gone: number[] = [];

  constructor(options: OutcomeLedgerOptions) {
    this.#limit = Math.max(1, Math.floor(options.limit));
    this.#instance = options.instance;
    this.#instances = new Set([options.instance]);
  }

  /** Items that went because there were too many, ever. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many of each API are open; one that ever had some is there with 0. */
  get open(): ReadonlyMap<string, number> {
    return this.#open;
  }

  /** Takes in what the journal has of earlier runs, the oldest first. Before anything else is asked of the ledger. */
  restore(rows: readonly OutcomeRow[]): void {
    this.#anew = false;
    for (const row of rows) {
      this.#append(row);
      this.#next = row.sequence + 1;
      this.#instances.add(instanceOf(row.item.id));
    }
    this.#shrink();
  }

  /** Undefined: it is known already, under its idempotency key. `wallMs`: milliseconds since 1970. Never throws. */
  add(found: FoundOutcome, wallMs: number): OutcomeItem | undefined {
    const known = found.keyHash === '' ? undefined : this.#byKey.get(found.keyHash);
    // A lock that lapsed tells of a run that may be listed already; any other reason is a run of its own, which an open entry stands for too.
    if (known !== undefined && (known.item.state === 'open' || found.reason === 'LOCK_LAPSED')) return undefined;
    const sequence = this.#next;
    this.#next += 1;
    const item: OutcomeItem = { id: `${this.#instance}-${sequence}`, at: new Date(wallMs).toISOString(), ...bound(found), state: 'open' };
    this.#append({ sequence, item });
    this.#note(this.#changed, sequence);
    this.#shrink();
    return item;
  }

  /** Undefined where there is no item of this id. Said again, the last word holds. */
  settle(id: string, { as, note }: Settlement, wallMs: number): OutcomeItem | undefined {
    const sequence = sequenceOf(id);
    const at = sequence === undefined ? -1 : this.#indexOf(sequence);
    const before = this.#rows[at];
    if (before === undefined || before.item.id !== id) return undefined;
    const item: OutcomeItem = {
      ...before.item,
      state: 'settled',
      settledAs: as,
      settledAt: new Date(wallMs).toISOString(),
      note: cut(note),
    };
    this.#forget(before);
    this.#keep({ sequence: before.sequence, item }, at);
    this.#note(this.#changed, before.sequence);
    return item;
  }

  /** The entry of this idempotency key, where it is open and tells of nothing but a lapsed lock. */
  lapsed(keyHash: string): OutcomeItem | undefined {
    const item = this.#byKey.get(keyHash)?.item;
    return item?.state === 'open' && item.reason === 'LOCK_LAPSED' ? item : undefined;
  }

  /** Newest first; undefined where `after` is no id that this ledger has given. An id whose item has gone asks for what is older all the same. */
  query(query: OutcomeQuery): OutcomePage | undefined {
    const from = query.after === undefined ? this.#next : this.#given(query.after);
    if (from === undefined) return undefined;
    const items: OutcomeItem[] = [];
    for (let i = this.#place(from) - 1; i >= 0; i--) {
      const { item } = this.#rows[i] as OutcomeRow;
      if (!matches(item, query)) continue;
      if (items.length === query.limit) return { items, next: items.at(-1)?.id ?? null };
      items.push(item);
    }
    return { items, next: null };
  }

  /** What is different since this was last asked; everything, where it never was, or the journal has missed something. */
  takeChanges(): OutcomeChanges {
    const changes: OutcomeChanges = this.#anew
      ? { from: 'nothing', put: [...this.#rows], gone: [] }
      : {
          from: 'before',
          put: [...new Set(this.#changed)].flatMap((sequence) => this.#rows[this.#indexOf(sequence)] ?? []),
          gone: this.#gone,
        };
    this.#anew = false;
    this.#changed = [];
    this.#gone = [];
    return changes;
  }

  /** The journal has missed something: it is told everything the next time. */
  startAnew(): void {
    this.#anew = true;
    this.#changed = [];
    this.#gone = [];
  }

  #note(where: number[], sequence: number): void {
    if (this.#anew) return;
    where.push(sequence);
    if (this.#changed.length + this.#gone.length > 2 * this.#limit) this.startAnew();
  }

  #append(row: OutcomeRow): void {
    this.#rows.push(row);
    this.#keep(row, this.#rows.length - 1);
  }

  #keep(row: OutcomeRow, at: number): void {
    const { api, keyHash, state } = row.item;
    this.#rows[at] = row;
    if (keyHash !== '') this.#byKey.set(keyHash, row);
    if (state === 'settled') this.#settled += 1;
    this.#open.set(api, (this.#open.get(api) ?? 0) + (state === 'open' ? 1 : 0));
  }

  #forget(row: OutcomeRow): void {
    const { api, keyHash, state } = row.item;
    if (this.#byKey.get(keyHash) === row) this.#byKey.delete(keyHash);
    if (state === 'settled') this.#settled -= 1;
    else this.#open.set(api, (this.#open.get(api) ?? 1) - 1);
  }

  #shrink(): void {
    while (this.#rows.length > this.#limit) {
      // Settled ones are as many as people have settled: looking for the oldest is rare, going without is not.
      const at = this.#settled === 0 ? 0 : this.#rows.findIndex(({ item }) => item.state === 'settled');
      const [row] = this.#rows.splice(at, 1) as [OutcomeRow];
      this.#forget(row);
      this.#dropped += 1;
      this.#note(this.#gone, row.sequence);
    }
  }

  #given(id: string): number | undefined {
    const sequence = sequenceOf(id);
    return sequence !== undefined && sequence < this.#next && this.#instances.has(instanceOf(id)) ? sequence : undefined;
  }

  /** -1 where it is not here. */
  #indexOf(sequence: number): number {
    const at = this.#place(sequence);
    return this.#rows[at]?.sequence === sequence ? at : -1;
  }

  /** Where the first row that is not older than this number stands. */
  #place(sequence: number): number {
    let [from, to] = [0, this.#rows.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#rows[middle] as OutcomeRow).sequence < sequence) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function instanceOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('-')));
}

function sequenceOf(id: string): number | undefined {
  const digits = id.slice(id.lastIndexOf('-') + 1);
  return /^(0|[1-9]\d{0,14})$/.test(digits) ? Number(digits) : undefined;
}

function matches(item: OutcomeItem, query: OutcomeQuery): boolean {
  return (
    (query.api === undefined || query.api === item.api) &&
    (query.operation === undefined || query.operation === item.operation) &&
    (query.consumer === undefined || query.consumer === item.consumer.name) &&
    (query.state === undefined || query.state === item.state)
  );
}

/** A copy, so that none of the texts keeps the whole request head alive of which it is a slice. */
function bound(found: FoundOutcome): FoundOutcome {
  return JSON.parse(JSON.stringify(found, (_, value: unknown) => (typeof value === 'string' ? cut(value) : value))) as FoundOutcome;
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}
