import type { Location, Side } from '../../core/contract.ts';
import type { Drift, DriftKind } from '../../core/drift.ts';
import type { Acknowledgement, FindingRow, Seen } from '../../core/findings.ts';
import { MAX_CONSUMERS, MAX_EVIDENCE, MAX_OPERATIONS, OTHERS, laterOf } from '../../core/merge-findings.ts';

/** Where and by whom something was seen. May be used again by the caller: nothing keeps it. */
export interface DriftSeen {
  readonly direction: 'ingress' | 'egress';
  readonly api: string;
  readonly operation: string;
  readonly contractVersion: string;
  /** Of the contract that the exchange was judged by; empty where there is none. */
  readonly digest: string;
  readonly consumer: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

export type FindingState = 'new' | 'acknowledged' | 'resolved';

/** How often, and how much of that the other replicas have been told, or told us. */
class Tally {
  count = 0;
  firstSeenAt = Number.POSITIVE_INFINITY;
  lastSeenAt = Number.NEGATIVE_INFINITY;
  told = 0;

  static of({ count, firstSeenAt, lastSeenAt }: Seen): Tally {
    const tally = new Tally();
    tally.count = count;
    tally.told = count;
    tally.firstSeenAt = firstSeenAt;
    tally.lastSeenAt = lastSeenAt;
    return tally;
  }

  add(atMs: number): void {
    this.count += 1;
    if (atMs < this.firstSeenAt) this.firstSeenAt = atMs;
    if (atMs > this.lastSeenAt) this.lastSeenAt = atMs;
  }

  /** Adds what another one has that nobody was told of yet. */
  addUntold({ count, told, firstSeenAt, lastSeenAt }: Tally): void {
    this.count += count - told;
    this.firstSeenAt = Math.min(this.firstSeenAt, firstSeenAt);
    this.lastSeenAt = Math.max(this.lastSeenAt, lastSeenAt);
  }

  get seen(): Seen {
    return { count: this.count, firstSeenAt: this.firstSeenAt, lastSeenAt: this.lastSeenAt };
  }

  get toldSeen(): Seen {
    return { count: this.told, firstSeenAt: this.firstSeenAt, lastSeenAt: this.lastSeenAt };
  }

  takeDifference(): Seen {
    const count = this.count - this.told;
    this.told = this.count;
    return { count, firstSeenAt: this.firstSeenAt, lastSeenAt: this.lastSeenAt };
  }
}

/** Longest text kept of one field, UTF-16 code units. */
export const MAX_NAME = 128;
export const MAX_POINTER = 1024;

/** One finding in memory. Counting what is known already allocates nothing. */
export class KeptFinding {
  readonly id: string;
  readonly kind: DriftKind;
  readonly api: string;
  readonly side: Side;
  readonly specPointer: string;
  readonly name: string;
  direction: 'ingress' | 'egress';
  operation: string;
  location: Location;
  pointer: string;
  #total = new Tally();
  #consumers = new Map<string, Tally>();
  readonly #operations: string[] = [];
  readonly #types: string[] = [];
  readonly #formats: string[] = [];
  readonly #values: string[] = [];
  version = '';
  digest = '';
  acknowledged: Acknowledgement | undefined = undefined;
  /** Of the store: as it was when something last changed. */
  state: FindingState = 'new';
  /** Another one of the same name at the same place: of another kind, or side. */
  next: KeptFinding | undefined = undefined;
  /** What changed is yet to be written, and to be told to the others. */
  unwritten = false;
  untold = false;
  /** It had to go. */
  gone = false;

  constructor(
    id: string,
    at: Pick<FindingRow, 'kind' | 'api' | 'side' | 'specPointer' | 'name' | 'direction' | 'operation' | 'location' | 'pointer'>,
  ) {
    this.id = id;
    this.kind = at.kind;
    this.api = own(at.api, MAX_NAME);
    this.side = at.side;
    this.specPointer = own(at.specPointer, MAX_POINTER);
    this.name = own(at.name, MAX_NAME);
    this.direction = at.direction;
    this.operation = own(at.operation, MAX_NAME);
    this.location = at.location;
    this.pointer = own(at.pointer, MAX_POINTER);
  }

  get count(): number {
    return this.#total.count;
  }

  get lastSeenAt(): number {
    return this.#total.lastSeenAt;
  }

  hasConsumer(name: string): boolean {
    return this.#consumers.has(name);
  }

  hasOperation(id: string): boolean {
    return this.#operations.includes(id);
  }

  add(seen: DriftSeen, { types, formats, value }: Drift): void {
    this.#total.add(seen.atMs);
    this.#consumer(seen.consumer).add(seen.atMs);
    keep(this.#operations, seen.operation, MAX_OPERATIONS);
    for (let i = 0; i < types.length; i++) keep(this.#types, types[i] as string, MAX_EVIDENCE);
    for (let i = 0; i < formats.length; i++) keep(this.#formats, formats[i] as string, MAX_EVIDENCE);
    if (value !== undefined) keep(this.#values, value, MAX_EVIDENCE);
  }

  /** What all replicas together, or earlier runs, know of it: that stands, and what was seen here since is added. */
  absorb(row: FindingRow): void {
    if (row.seen.firstSeenAt < this.#total.firstSeenAt) {
      this.direction = row.direction;
      this.operation = cut(row.operation, MAX_NAME);
      this.location = row.location;
      this.pointer = cut(row.pointer, MAX_POINTER);
    }
    if (row.seen.lastSeenAt >= this.#total.lastSeenAt) {
      this.version = cut(row.contract.version, MAX_NAME);
      this.digest = cut(row.contract.digest, MAX_NAME);
    }
    const [total, consumers] = [this.#total, this.#consumers];
    this.#total = Tally.of(row.seen);
    this.#total.addUntold(total);
    this.#consumers = new Map(Object.entries(row.consumers).map(([name, seen]) => [cut(name, MAX_NAME), Tally.of(seen)]));
    for (const [name, tally] of consumers) if (tally.count > tally.told) this.#consumer(name).addUntold(tally);
    for (const operation of row.operations) keep(this.#operations, operation, MAX_OPERATIONS);
    for (const type of row.evidence.types) keep(this.#types, type, MAX_EVIDENCE);
    for (const format of row.evidence.formats) keep(this.#formats, format, MAX_EVIDENCE);
    for (const value of row.evidence.values) keep(this.#values, value, MAX_EVIDENCE);
    this.acknowledged = laterOf(this.acknowledged, row.acknowledged);
  }

  get row(): FindingRow {
    return this.#row(
      this.#total.seen,
      [...this.#consumers].map(([name, tally]) => [name, tally.seen] as const),
    );
  }

  /** Without what the share has not been told of. */
  get toldRow(): FindingRow {
    const consumers = [...this.#consumers].filter(([, tally]) => tally.told > 0);
    return this.#row(
      this.#total.toldSeen,
      consumers.map(([name, tally]) => [name, tally.toldSeen] as const),
    );
  }

  /** What the share has not been told of; from now on it has. */
  takeDifference(): FindingRow {
    const consumers = [...this.#consumers].filter(([, tally]) => tally.count > tally.told);
    return this.#row(
      this.#total.takeDifference(),
      consumers.map(([name, tally]) => [name, tally.takeDifference()] as const),
    );
  }

  #row(seen: Seen, consumers: ReadonlyArray<readonly [string, Seen]>): FindingRow {
    const { id, kind, direction, api, operation, side, location, pointer, specPointer, name, version, digest, acknowledged } = this;
    return {
      ...{ id, kind, direction, api, operation, side, location, pointer, specPointer, name, seen },
      consumers: Object.fromEntries(consumers),
      operations: [...this.#operations],
      evidence: { types: [...this.#types], formats: [...this.#formats], values: [...this.#values] },
      contract: { version, digest },
      acknowledged,
    };
  }

  #consumer(given: string): Tally {
    const name = cut(given, MAX_NAME);
    const known = this.#consumers.get(name);
    if (known !== undefined) return known;
    const room = this.#consumers.size - (this.#consumers.has(OTHERS) ? 1 : 0) < MAX_CONSUMERS;
    if (!room && name !== OTHERS) return this.#consumer(OTHERS);
    const tally = new Tally();
    this.#consumers.set(own(name, MAX_NAME), tally);
    return tally;
  }
}

/** Puts a text into a sorted list without repeats, of which the smallest `most` stay. */
function keep(list: string[], given: string, most: number): void {
  const text = cut(given, MAX_NAME);
  if (list.includes(text)) return;
  if (list.length >= most && text > (list[list.length - 1] as string)) return;
  let at = list.length;
  while (at > 0 && (list[at - 1] as string) > text) at -= 1;
  list.splice(at, 0, own(text, MAX_NAME));
  if (list.length > most) list.pop();
}

/** Cut, and a copy of its own: a slice would keep the whole text alive of which it is one, be it the head of a request. */
export function own(text: string, max: number): string {
  return JSON.parse(JSON.stringify(cut(text, max))) as string;
}

export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
