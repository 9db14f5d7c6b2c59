import type { FindingConsumer, FindingItem } from '../../core/views.ts';
import type { FoundFinding } from './findings.ts';
import { proposalFor } from './proposal.ts';

/** A finding as `/api/findings` and reports show it, without who owns its consumers. */
export function findingItem({ row, state, baseline }: FoundFinding): FindingItem {
  const { id, kind, direction, api, operation, operations, side, location, pointer, specPointer, name, seen, consumers, contract } = row;
  const { types, formats, values } = row.evidence;
  const acknowledgement = acknowledgementOf(row.acknowledged, baseline);
  return {
    id,
    kind,
    state,
    direction,
    api,
    operation,
    operations,
    side,
    location,
    pointer,
    specPointer,
    name,
    count: seen.count,
    firstSeen: instant(seen.firstSeenAt),
    lastSeen: instant(seen.lastSeenAt),
    consumers: Object.entries(consumers).map(shownConsumer).sort(byCount),
    contractVersion: contract.version,
    evidence: { types, formats, ...(values.length > 0 && { values }) },
    ...(acknowledgement !== undefined && { acknowledgement }),
    proposal: proposalFor(row),
  };
}

function acknowledgementOf(said: FoundFinding['row']['acknowledged'], baseline: string | undefined): FindingItem['acknowledgement'] {
  if (said !== undefined && said.withdrawn === undefined) return { by: 'person', note: said.note, at: instant(said.at) };
  return baseline === undefined ? undefined : { by: 'baseline', note: baseline };
}

function shownConsumer([name, { count, lastSeenAt }]: readonly [string, FoundFinding['row']['seen']]): FindingConsumer {
  return { name, count, lastSeen: instant(lastSeenAt) };
}

function byCount(a: FindingConsumer, b: FindingConsumer): number {
  return b.count - a.count || (a.name < b.name ? -1 : 1);
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
