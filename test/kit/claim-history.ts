/** Random histories of one idempotency key: what its scripts are tried with, in memory against a model and in Redis against memory. */
import fc from 'fast-check';
import type { ClaimReply } from '../../src/policies/idempotency/claim-script.ts';
import type { StoreValue } from '../../src/core/store.ts';

export type ClaimStep =
  | { readonly do: 'claim'; readonly owner: string; readonly lockMs: number; readonly onUnknown: string; readonly onExpired: string }
  | { readonly do: 'settle'; readonly owner: string; readonly state: 'done' | 'marker' | 'unknown'; readonly onExpired: string }
  | { readonly do: 'release'; readonly owner: string }
  /** Time goes on until a lock has run out, a key counts as expired, its record is gone. */
  | { readonly do: 'lapse' | 'expire' | 'vanish' };

export const TTL_MS = 60_000;
export const LOCK_MS = 30_000;
export const KEY = 'a'.repeat(64);

const owner = fc.constantFrom('o1', 'o2', 'o3');
const onExpired = fc.constantFrom('new', 'reject');

const step: fc.Arbitrary<ClaimStep> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      owner,
      lockMs: fc.constant(LOCK_MS),
      onUnknown: fc.constantFrom('refuse', 'run'),
      onExpired,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      owner,
      state: fc.constantFrom('done' as const, 'marker' as const, 'unknown' as const),
      onExpired,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), owner }) },
  { weight: 2, arbitrary: fc.constantFrom<ClaimStep>({ do: 'lapse' }, { do: 'expire' }, { do: 'vanish' }) },
);

export const histories: fc.Arbitrary<readonly ClaimStep[]> = fc.array(step, { maxLength: 14 });

export function claimValues(s: Extract<ClaimStep, { do: 'claim' }>): StoreValue[] {
  return [s.owner, s.lockMs, TTL_MS, s.onUnknown, s.onExpired, 'p', 'createPayment'];
}

/** What is kept tells its owner, so that it shows whose it is. Bytes that are no text, and text that is no ASCII. */
export function settleValues(s: Extract<ClaimStep, { do: 'settle' }>): StoreValue[] {
  const done = s.state === 'done';
  const body = done ? new Uint8Array([0, 255, 10, s.owner.charCodeAt(1)]) : new Uint8Array(0);
  const status = s.state === 'unknown' ? 0 : 201;
  return [s.owner, s.state, TTL_MS, s.onExpired, 'p', 'createPayment', `f-${s.owner}`, status, done ? `X-Ö\n${s.owner}\n` : '', body];
}

/** A reply without what depends on the time of day, to be compared. */
export function plain(reply: ClaimReply | 'unavailable' | undefined): unknown {
  if (typeof reply !== 'object') return reply;
  if (reply.is === 'running') return { is: 'running', inBounds: reply.lockLeftMs > 0 && reply.lockLeftMs <= LOCK_MS };
  return reply.is === 'done' ? { ...reply, body: [...reply.body] } : { ...reply };
}
