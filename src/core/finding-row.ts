import type { Location, Side } from './contract.ts';
import { DRIFT_KINDS, type DriftKind } from './drift.ts';
import type { Acknowledgement, Evidence, FindingRow, Seen } from './findings.ts';

/** A row as JSON is at most so long: what is longer is none of ours. UTF-16 units. */
export const MOST_ROW_LENGTH = 64 * 1024;
/** Of `Date`, ECMA-262, 21.4.1.1. */
const LAST_INSTANT = 8.64e15;

const KINDS: ReadonlySet<unknown> = new Set<DriftKind>(DRIFT_KINDS);
const SIDES: ReadonlySet<unknown> = new Set<Side>(['request', 'response']);
const LOCATIONS: ReadonlySet<unknown> = new Set<Location>([
  'route',
  'security',
  'path',
  'query',
  'header',
  'cookie',
  'media_type',
  'body',
  'status',
]);

/** Reads one row that was kept as JSON. Undefined where it is none: a file and a store may hold whatever somebody else put there. Never throws. */
export function readFindingRow(text: string): FindingRow | undefined {
  if (text.length > MOST_ROW_LENGTH) return undefined;
  try {
    return asRow(JSON.parse(text));
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function asRow(value: unknown): FindingRow | undefined {
  if (!isObject(value)) return undefined;
  const { id, kind, direction, side, location, acknowledged } = value;
  const texts = ['api', 'operation', 'pointer', 'specPointer', 'name'] as const;
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return undefined;
  if (!KINDS.has(kind) || !SIDES.has(side) || !LOCATIONS.has(location)) return undefined;
  if (direction !== 'ingress' && direction !== 'egress') return undefined;
  if (texts.some((name) => typeof value[name] !== 'string')) return undefined;
  const [seen, consumers, operations] = [asSeen(value['seen']), asConsumers(value['consumers']), asTexts(value['operations'])];
  const [evidence, contract] = [asEvidence(value['evidence']), value['contract']];
  if (seen === undefined || consumers === undefined || operations === undefined || evidence === undefined) return undefined;
  if (!isObject(contract) || typeof contract['version'] !== 'string' || typeof contract['digest'] !== 'string') return undefined;
  if (acknowledged !== undefined && !isAcknowledgement(acknowledged)) return undefined;
  return {
    id,
    kind: kind as DriftKind,
    direction,
    api: value['api'] as string,
    operation: value['operation'] as string,
    side: side as Side,
    location: location as Location,
    pointer: value['pointer'] as string,
    specPointer: value['specPointer'] as string,
    name: value['name'] as string,
    seen,
    consumers,
    operations,
    evidence,
    contract: { version: contract['version'], digest: contract['digest'] },
    acknowledged: acknowledged && said(acknowledged),
  };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_INSTANT;
}

function asSeen(value: unknown): Seen | undefined {
  if (!isObject(value)) return undefined;
  const { count, firstSeenAt, lastSeenAt } = value;
  if (!Number.isSafeInteger(count) || (count as number) < 0 || !isInstant(firstSeenAt) || !isInstant(lastSeenAt)) return undefined;
  return firstSeenAt > lastSeenAt ? undefined : { count: count as number, firstSeenAt, lastSeenAt };
}

function asConsumers(value: unknown): Record<string, Seen> | undefined {
  if (!isObject(value)) return undefined;
  const names = Object.keys(value);
  // Without a prototype, as a consumer may be called `__proto__`.
  const read = Object.create(null) as Record<string, Seen>;
  for (const name of names) {
    const seen = asSeen(value[name]);
    if (seen === undefined) return undefined;
    read[name] = seen;
  }
  return read;
}

/** Redis' JSON knows no empty list: what was one comes back as an object without members. */
function asTexts(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.every((text) => typeof text === 'string') ? (value as string[]) : undefined;
  return isObject(value) && Object.keys(value).length === 0 ? [] : undefined;
}

function asEvidence(value: unknown): Evidence | undefined {
  if (!isObject(value)) return undefined;
  const [types, formats, values] = [asTexts(value['types']), asTexts(value['formats']), asTexts(value['values'])];
  return types === undefined || formats === undefined || values === undefined ? undefined : { types, formats, values };
}

function isAcknowledgement(value: unknown): value is Acknowledgement {
  if (!isObject(value) || !isInstant(value['at']) || typeof value['note'] !== 'string') return false;
  return value['withdrawn'] === undefined || value['withdrawn'] === true;
}

function said({ at, note, withdrawn }: Acknowledgement): Acknowledgement {
  return withdrawn === true ? { at, note, withdrawn } : { at, note };
}
