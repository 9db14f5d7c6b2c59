import type { LRUCache } from 'lru-cache';
import type { StoreRecord } from '../../core/store.ts';

export type Records = LRUCache<string, StoreRecord>;

/**
 * Takes one out. A cache that loses its last record by `delete` overwrites all the slots that it ever had, which after a rush are
 * many; one that loses it by `pop` does not.
 */
export function remove(records: Records, key: string): void {
  if (records.size === 1 && records.has(key)) records.pop();
  else records.delete(key);
}

/** Takes out what has expired at the old end, and stops at the first that has not: the order is that of use, and must stay. */
export function forgetExpiredOldest(records: Records, atMost: number, nowMs: number): void {
  for (const key of oldest(records, atMost)) {
    if (!hasExpired(records, key, nowMs)) return;
    remove(records, key);
  }
}

/** Takes out what has expired among the oldest; the others become the newest, so that the next call looks at the next ones. */
export function forgetExpiredInTurn(records: Records, atMost: number, nowMs: number): void {
  for (const key of oldest(records, atMost)) {
    if (hasExpired(records, key, nowMs)) remove(records, key);
    else records.get(key);
  }
}

function hasExpired(records: Records, key: string, nowMs: number): boolean {
  return (records.peek(key) as StoreRecord).expiresAt <= nowMs;
}

/** Their keys first: the caches' iterators do not survive what is done to the records. */
function oldest(records: Records, atMost: number): string[] {
  const keys: string[] = [];
  for (const key of records.rkeys()) {
    if (keys.push(key) === atMost) break;
  }
  return keys;
}
