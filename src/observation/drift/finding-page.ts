import type { FindingQuery } from '../../core/views.ts';
import type { FindingState, KeptFinding } from './kept-finding.ts';

const RANKS: Readonly<Record<FindingState, number>> = { new: 0, acknowledged: 1, resolved: 2 };

/** Where a finding stands in the list. Whoever pages through while it is seen again meets it once at most: it moves to the front. */
interface Position {
  readonly rank: number;
  readonly lastSeenAt: number;
  readonly id: string;
}

const CURSOR = /^([0-2])-(\d{1,16})-([0-9a-f]{16})$/;

/** One page in the order of the list; undefined where `after` is no cursor. */
export function pageOf(
  findings: Iterable<KeptFinding>,
  query: FindingQuery,
): { readonly items: readonly KeptFinding[]; readonly next: string | null } | undefined {
  const after = query.after === undefined ? undefined : readCursor(query.after);
  if (query.after !== undefined && after === undefined) return undefined;
  const all: KeptFinding[] = [];
  for (const finding of findings)
    if (matches(finding, query) && (after === undefined || compare(positionOf(finding), after) > 0)) all.push(finding);
  all.sort((a, b) => RANKS[a.state] - RANKS[b.state] || b.lastSeenAt - a.lastSeenAt || (a.id < b.id ? -1 : 1));
  const items = all.slice(0, query.limit);
  const last = all.length > items.length ? items.at(-1) : undefined;
  return { items, next: last === undefined ? null : cursorOf(positionOf(last)) };
}

function matches(finding: KeptFinding, { api, kind, state, operation, consumer }: FindingQuery): boolean {
  return (
    (api === undefined || api === finding.api) &&
    (kind === undefined || kind === finding.kind) &&
    (state === undefined || state === finding.state) &&
    (operation === undefined || finding.hasOperation(operation)) &&
    (consumer === undefined || finding.hasConsumer(consumer))
  );
}

function positionOf({ state, lastSeenAt, id }: KeptFinding): Position {
  return { rank: RANKS[state], lastSeenAt, id };
}

function compare(a: Position, b: Position): number {
  return a.rank - b.rank || b.lastSeenAt - a.lastSeenAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function cursorOf({ rank, lastSeenAt, id }: Position): string {
  return `${rank}-${lastSeenAt}-${id}`;
}

function readCursor(text: string): Position | undefined {
  const parts = CURSOR.exec(text);
  return parts === null ? undefined : { rank: Number(parts[1]), lastSeenAt: Number(parts[2]), id: parts[3] as string };
}
