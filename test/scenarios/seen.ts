import type { RawHeaders } from '../../src/core/headers.ts';
import type { Exposition } from '../kit/exposition.ts';
import { header } from '../kit/message.ts';
import type { Expectation, Side } from './expectation.ts';

/** What an operator sees of one exchange, in the words of the scenario files. */
export interface Seen {
  /** Lines as in the file, without `= `, sorted. */
  readonly expected: readonly string[];
  readonly got: readonly string[];
  /** What must never happen, whatever is expected: a changed body, a verdict that is missing. */
  readonly wrong: readonly string[];
  /** A side was not judged for want of time. */
  readonly wasSkipped: boolean;
}

export const SIDES: readonly Side[] = ['request', 'response'];

/** How many verdicts there were. */
export function checks(seen: Exposition, side: Side | undefined, outcome?: string, reason?: string): number {
  return seen.value('plumbline_contract_checks_total', {
    ...(side !== undefined && { side }),
    ...(outcome !== undefined && { outcome }),
    ...(reason !== undefined && { reason }),
  });
}

export interface Item {
  readonly id: string;
  readonly side: Side;
  readonly rule: string;
  readonly location: string;
  readonly pointer: string;
}

async function items(url: string, limit: number): Promise<Item[]> {
  const answer = await fetch(`${url}/api/violations?limit=${limit}`);
  return ((await answer.json()) as { items: Item[] }).items;
}

/** Newest first; all that came after the one with this id. */
export async function violationsAfter(url: string, id: string | undefined): Promise<Item[]> {
  const all = await items(url, 200);
  const end = all.findIndex((item) => item.id === id);
  return end < 0 ? all : all.slice(0, end);
}

/** A finding as `/api/findings` shows it. */
export interface FindingSeen {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly pointer: string;
  readonly count: number;
}

/** All findings. */
export async function findings(url: string): Promise<FindingSeen[]> {
  const answer = await fetch(`${url}/api/findings?limit=1000`);
  return ((await answer.json()) as { items: FindingSeen[] }).items;
}

/** Those that were seen since. */
export function seenSince(before: readonly FindingSeen[], after: readonly FindingSeen[]): FindingSeen[] {
  const counts = new Map(before.map(({ id, count }) => [id, count]));
  return after.filter(({ id, count }) => count > (counts.get(id) ?? 0));
}

/** In the words of what is expected where that means it: by its name, or by its pointer. */
function findingsSeen(expected: readonly Expectation[], drift: readonly FindingSeen[]): string[] {
  const lines = drift.map(({ kind, name, pointer }) => {
    const meant = expected.find((e) => e.about === 'finding' && e.found?.kind === kind && [name, pointer].includes(e.found.what));
    return show(meant ?? { about: 'finding', found: { kind, what: name === '' ? pointer : name } });
  });
  return lines.length === 0 ? [show({ about: 'finding', found: undefined })] : lines;
}

/** Both what is expected and what came, as lines of the file; a side of which nothing is said is left out. */
export function compare(
  expected: readonly Expectation[],
  before: Exposition,
  after: Exposition,
  found: readonly Item[],
  drift: readonly FindingSeen[],
  got: { readonly status: number; readonly headers: RawHeaders },
): Omit<Seen, 'wrong'> {
  const lines: string[] = [];
  for (const side of SIDES) if (expected.some(({ about }) => about === side)) lines.push(...sideSeen(side, before, after, found));
  if (expected.some(({ about }) => about === 'finding')) lines.push(...findingsSeen(expected, drift));
  for (const e of expected) {
    if (e.about === 'status') lines.push(`status ${got.status}`);
    else if (e.about === 'header') lines.push(show({ ...e, value: header(got.headers, e.name) }));
  }
  const skipped = (seen: Exposition): number => checks(seen, undefined, 'skipped', 'overload');
  return { expected: expected.map(show).sort(), got: lines.sort(), wasSkipped: skipped(after) > skipped(before) };
}

function sideSeen(side: Side, before: Exposition, after: Exposition, found: readonly Item[]): string[] {
  const rose = (outcome: string, reason?: string): boolean => checks(after, side, outcome, reason) > checks(before, side, outcome, reason);
  const lines: string[] = [];
  if (rose('valid')) lines.push(`${side} valid`);
  if (rose('skipped')) {
    const reasons = after
      .labelsOf('plumbline_contract_checks_total', 'reason')
      .filter((reason) => reason !== '' && rose('skipped', reason));
    lines.push(...reasons.map((reason) => `${side} skipped ${reason}`));
  }
  const broken = found
    .filter((item) => item.side === side)
    .map(({ rule, location, pointer }) => `${side} invalid ${`${rule} ${location} ${pointer}`.trimEnd()}`);
  lines.push(...broken);
  if (rose('invalid') && broken.length === 0) lines.push(`${side} invalid untold`);
  return lines.length === 0 ? [`${side} none`] : lines;
}

export function show(e: Expectation): string {
  switch (e.about) {
    case 'status':
      return `status ${e.status}`;
    case 'finding':
      return e.found === undefined ? 'no finding' : `finding ${e.found.kind} ${e.found.what}`.trimEnd();
    case 'header':
      return e.value === undefined ? `no-header ${e.name}` : `header ${e.name}: ${e.value}`;
    case 'document':
      return `document ${e.severity} ${e.code}${e.pointer === undefined ? '' : ` ${e.pointer}`}`;
    default:
      if (e.is === 'invalid') return `${e.about} invalid ${e.violation}`;
      if (e.is === 'untold') return `${e.about} invalid untold`;
      return e.is === 'skipped' ? `${e.about} skipped ${e.reason}` : `${e.about} ${e.is}`;
  }
}
