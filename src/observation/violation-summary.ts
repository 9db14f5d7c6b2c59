import type { Location, Side } from '../core/contract.ts';
import type { FoundViolation } from './violations.ts';

/** Who breaks which rule of which operation, and where; over the life of the process. */
export interface ViolationGroup {
  readonly api: string;
  readonly operation: string;
  readonly consumer: string;
  readonly consumerVersion: string;
  readonly side: Side;
  readonly location: Location;
  readonly rule: string;
  /** JSON pointer with `*` for the places in arrays. */
  readonly pointer: string;
  readonly count: number;
  /** ISO 8601, UTC. */
  readonly lastAt: string;
}

export interface Summary {
  /** The most frequent first. */
  readonly groups: readonly ViolationGroup[];
  /** Violations that found no group: all places were taken. */
  readonly overflow: number;
}

const MAX_GROUPS = 500;

interface Group {
  readonly found: FoundViolation;
  readonly pointer: string;
  count: number;
  lastMs: number;
}

/** Counts violations by group, for the first 500 groups; the others are counted together. */
export class ViolationSummary {
  readonly #groups = new Map<string, Group>();
  #overflow = 0;

  add(found: FoundViolation, wallMs: number): void {
    const pointer = anyIndex(found.pointer);
    const { api, operation, consumer, side, location, rule } = found;
    const key = JSON.stringify([api, operation, consumer.name, consumer.version, side, location, rule, pointer]);
    const group = this.#groups.get(key);
    if (group !== undefined) {
      group.count += 1;
      group.lastMs = wallMs;
    } else if (this.#groups.size < MAX_GROUPS) this.#groups.set(key, { found, pointer, count: 1, lastMs: wallMs });
    else this.#overflow += 1;
  }

  read(): Summary {
    const groups = [...this.#groups.values()].sort((a, b) => b.count - a.count || b.lastMs - a.lastMs);
    return { groups: groups.map(show), overflow: this.#overflow };
  }
}

function show({ found, pointer, count, lastMs }: Group): ViolationGroup {
  return {
    api: found.api,
    operation: found.operation,
    consumer: found.consumer.name,
    consumerVersion: found.consumer.version,
    side: found.side,
    location: found.location,
    rule: found.rule,
    pointer,
    count,
    lastAt: new Date(lastMs).toISOString(),
  };
}

/** Array indices become an asterisk: the tenth wrong line of an invoice is the same mistake as the first. */
function anyIndex(pointer: string): string {
  return pointer.replace(/\/\d+(?=\/|$)/g, '/*');
}
