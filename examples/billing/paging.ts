/** Where a list goes on. Opaque to callers: base64url of what the last entry was and which filters the list had. */
interface Cursor {
  readonly at: string;
  readonly id: string;
  readonly filter: string;
}

export interface Listed {
  readonly id: string;
  readonly created_at: string;
}

export interface PageOf<T> {
  readonly data: readonly T[];
  readonly page: { readonly limit: number; readonly next_cursor: string | null; readonly has_more: boolean };
}

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;

/** Newest first, the id breaks ties. */
function order(a: Listed, b: Listed): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

/**
 * One page of `entries`. `filter` names what selected them: a cursor of another filter, or one that cannot be read, gives undefined.
 */
export function pageOf<T extends Listed>(
  entries: readonly T[],
  filter: string,
  limit: number,
  cursor: string | undefined,
): PageOf<T> | undefined {
  let rest = [...entries].sort(order);
  if (cursor !== undefined) {
    const from = readCursor(cursor);
    if (from === undefined || from.filter !== filter) return undefined;
    rest = rest.filter((entry) => order(entry, { id: from.id, created_at: from.at }) > 0);
  }
  const data = rest.slice(0, limit);
  const more = rest.length > data.length;
  const last = data.at(-1);
  return { data, page: { limit, next_cursor: more && last !== undefined ? writeCursor(last, filter) : null, has_more: more } };
}

function writeCursor(last: Listed, filter: string): string {
  return Buffer.from(JSON.stringify([last.created_at, last.id, filter])).toString('base64url');
}

function readCursor(text: string): Cursor | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === 'string')) return undefined;
    const [at, id, filter] = parts as [string, string, string];
    return { at, id, filter };
  } catch {
    return undefined;
  }
}
