import type { ViolationItem, ViolationPage, ViolationQuery } from '../core/views.ts';
import { ViolationSummary } from './violation-summary.ts';

/** What is known of a violation when it is found; `id` and `at` are the store's. */
export type FoundViolation = Omit<ViolationItem, 'id' | 'at'>;

export interface ViolationStoreOptions {
  /** How many are kept: the newest (`telemetry.limits.violations`). At least 1. */
  readonly limit: number;
  /** Told apart in ids: another run of the process must have another one. Letters and digits. */
  readonly instance: string;
}

interface Kept {
  readonly sequence: number;
  readonly wallMs: number;
  readonly found: FoundViolation;
}

/** Longest text kept of one field, UTF-16 code units. */
const MAX_TEXT = 1024;

/** The newest violations, in memory, bounded in number and size. */
export class ViolationStore {
  readonly #limit: number;
  readonly #instance: string;
  /** A ring: the violation with number n is at n modulo the limit. */
  readonly #ring: Kept[] = [];
  /** Number of the next one; they are never reused. */
  #next = 0;
  readonly summary = new ViolationSummary();

  constructor(options: ViolationStoreOptions) {
    this.#limit = Math.max(1, Math.floor(options.limit));
    this.#instance = options.instance;
  }

  /** How many were ever added. */
  get total(): number {
    return this.#next;
  }

  /** `wallMs`: when it was found, milliseconds since 1970. Never throws. */
  add(found: FoundViolation, wallMs: number): void {
    const bounded = bound(found);
    this.#ring[this.#next % this.#limit] = { sequence: this.#next, wallMs, found: bounded };
    this.#next += 1;
    this.summary.add(bounded, wallMs);
  }

  /** Newest first; undefined where `after` is no id that this store has given. An id that has since been displaced ends the list. */
  query(query: ViolationQuery): ViolationPage | undefined {
    const from = query.after === undefined ? this.#next : this.#sequenceOf(query.after);
    if (from === undefined) return undefined;
    const oldest = Math.max(0, this.#next - this.#limit);
    const items: ViolationItem[] = [];
    for (let n = from - 1; n >= oldest; n--) {
      const kept = this.#ring[n % this.#limit] as Kept;
      if (!matches(kept.found, query)) continue;
      if (items.length === query.limit) return { items, next: items.at(-1)?.id ?? null };
      items.push(this.#show(kept));
    }
    return { items, next: null };
  }

  #show({ sequence, wallMs, found }: Kept): ViolationItem {
    return { id: `${this.#instance}-${sequence}`, at: new Date(wallMs).toISOString(), ...found };
  }

  #sequenceOf(id: string): number | undefined {
    const at = id.lastIndexOf('-');
    const digits = id.slice(at + 1);
    if (at < 0 || id.slice(0, at) !== this.#instance || !/^(0|[1-9]\d{0,14})$/.test(digits)) return undefined;
    const sequence = Number(digits);
    return sequence < this.#next ? sequence : undefined;
  }
}

function matches(found: FoundViolation, query: ViolationQuery): boolean {
  return (
    (query.api === undefined || query.api === found.api) &&
    (query.operation === undefined || query.operation === found.operation) &&
    (query.consumer === undefined || query.consumer === found.consumer.name) &&
    (query.side === undefined || query.side === found.side) &&
    (query.rule === undefined || query.rule === found.rule)
  );
}

function bound(found: FoundViolation): FoundViolation {
  return {
    requestId: cut(found.requestId),
    traceId: cut(found.traceId),
    api: cut(found.api),
    contractVersion: cut(found.contractVersion),
    operation: cut(found.operation),
    side: found.side,
    mode: found.mode,
    consumer: { name: cut(found.consumer.name), version: cut(found.consumer.version) },
    rule: cut(found.rule),
    location: found.location,
    pointer: cut(found.pointer),
    specPointer: cut(found.specPointer),
    detail: cut(found.detail),
    ...(found.value !== undefined && { value: cut(found.value) }),
  };
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}
