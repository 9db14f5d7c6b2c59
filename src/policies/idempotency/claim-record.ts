import type { StoreRecord, StoreValue } from '../../core/store.ts';

/**
 * What is known of a key (the seed's minimum record, ID-2). `running`: claimed, not answered. `done`: the answer is here. `marker`: there was
 * one, it was not kept. `unknown`: the request was sent and nobody knows what came of it.
 */
export type ClaimState = 'running' | 'done' | 'marker' | 'unknown';

/**
 * As it stands in memory; in Redis a hash of the same fields. What is not known yet is an empty text. Times are the store's own,
 * milliseconds.
 */
export interface ClaimFields extends Readonly<Record<string, StoreValue>> {
  readonly state: ClaimState;
  /** Whoever has claimed it last; others may not settle it (fencing). */
  readonly owner: string;
  readonly principal: string;
  readonly operation: string;
  readonly created: number;
  /** Until then a running one is believed to run. */
  readonly lock: number;
  /** From then on it counts as expired; the record stays for longer where `onExpired: reject` must know of it. */
  readonly expires: number;
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: string;
  readonly body: Uint8Array;
}

export const NO_BODY = new Uint8Array(0);

export function fieldsOf(record: StoreRecord): ClaimFields {
  return record.fields as ClaimFields;
}

/** How long a record stays: `onExpired: reject` remembers for as long again that there was one. */
export function keptMs(ttlMs: number, onExpired: StoreValue): number {
  return onExpired === 'reject' ? 2 * ttlMs : ttlMs;
}

/** A reply of Redis as text; undefined where it is none. */
export function textOf(reply: unknown): string | undefined {
  if (typeof reply === 'string') return reply;
  if (typeof reply === 'number') return String(reply);
  return reply instanceof Uint8Array ? Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString() : undefined;
}
