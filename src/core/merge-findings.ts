import type { Acknowledgement, FindingRow, Seen } from './findings.ts';

/** Consumers told apart in one finding; the rest is `_other`. */
export const MAX_CONSUMERS = 20;
/** Operations named in one finding. */
export const MAX_OPERATIONS = 20;
/** Members of each list of evidence. */
export const MAX_EVIDENCE = 8;

/** Consumers beyond those that are told apart. */
export const OTHERS = '_other';

/**
 * Two accounts of one finding (the same `id`) as one. Associative and commutative, so that replicas may tell theirs in any order; not idempotent, as
 * counts are added: each thing seen must be in one of the two alone.
 */
export function merge(a: FindingRow, b: FindingRow): FindingRow {
  // The place where it was seen first tells of it; what stands beside it there must come from the same account.
  const first = order(a.seen.firstSeenAt, originOf(a), b.seen.firstSeenAt, originOf(b)) <= 0 ? a : b;
  const last = order(a.seen.lastSeenAt, contractOf(a), b.seen.lastSeenAt, contractOf(b)) >= 0 ? a : b;
  return {
    id: a.id,
    kind: a.kind,
    direction: first.direction,
    api: a.api,
    operation: first.operation,
    side: a.side,
    location: first.location,
    pointer: first.pointer,
    specPointer: a.specPointer,
    name: a.name,
    seen: mergeSeen(a.seen, b.seen),
    consumers: mergeConsumers(a.consumers, b.consumers),
    operations: smallest([...a.operations, ...b.operations], MAX_OPERATIONS),
    evidence: {
      types: smallest([...a.evidence.types, ...b.evidence.types], MAX_EVIDENCE),
      formats: smallest([...a.evidence.formats, ...b.evidence.formats], MAX_EVIDENCE),
      values: smallest([...a.evidence.values, ...b.evidence.values], MAX_EVIDENCE),
    },
    contract: last.contract,
    acknowledged: laterOf(a.acknowledged, b.acknowledged),
  };
}

export function mergeSeen(a: Seen, b: Seen): Seen {
  return {
    count: a.count + b.count,
    firstSeenAt: Math.min(a.firstSeenAt, b.firstSeenAt),
    lastSeenAt: Math.max(a.lastSeenAt, b.lastSeenAt),
  };
}

/**
 * Those with the smallest names stay apart: one that is not among them in a part is not in the whole either, so it does not matter which two are
 * merged first. Which were seen most would not have that.
 */
export function mergeConsumers(a: FindingRow['consumers'], b: FindingRow['consumers']): FindingRow['consumers'] {
  const all = new Map(Object.entries(a));
  for (const [name, seen] of Object.entries(b)) {
    const other = all.get(name);
    all.set(name, other === undefined ? seen : mergeSeen(other, seen));
  }
  const names = [...all.keys()].filter((name) => name !== OTHERS).sort();
  for (const name of names.splice(MAX_CONSUMERS)) {
    const seen = all.get(name) as Seen;
    const others = all.get(OTHERS);
    all.set(OTHERS, others === undefined ? seen : mergeSeen(others, seen));
  }
  const others = all.get(OTHERS);
  // Defined one by one: a consumer may be called `__proto__`.
  return Object.fromEntries([
    ...names.map((name) => [name, all.get(name) as Seen] as const),
    ...(others === undefined ? [] : [[OTHERS, others] as const]),
  ]);
}

/** The later word; of two of one instant always the same. */
export function laterOf(a: Acknowledgement | undefined, b: Acknowledgement | undefined): Acknowledgement | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return order(a.at, wordOf(a), b.at, wordOf(b)) >= 0 ? a : b;
}

/** Without repeats, sorted, the `most` smallest: of a union of such lists it is the same in whatever order they are united. */
export function smallest(texts: readonly string[], most: number): readonly string[] {
  return [...new Set(texts)].sort().slice(0, most);
}

function originOf({ direction, operation, location, pointer }: FindingRow): string {
  return JSON.stringify([operation, pointer, location, direction]);
}

function contractOf({ contract: { version, digest } }: FindingRow): string {
  return JSON.stringify([version, digest]);
}

function wordOf({ note, withdrawn }: Acknowledgement): string {
  return `${withdrawn === true ? 1 : 0}${note}`;
}

function order(a: number, aText: string, b: number, bText: string): number {
  return a - b || (aText < bText ? -1 : aText > bText ? 1 : 0);
}
