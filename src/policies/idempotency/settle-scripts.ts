import type { StoreScript } from '../../core/store.ts';
import { type ClaimFields, type ClaimState, NO_BODY, fieldsOf, keptMs, textOf } from './claim-record.ts';

/** `stale`: the key is somebody else's by now, nothing was changed. `full`: there was no room, not even for a marker. */
export type SettleReply = 'kept' | 'stale' | 'full';

/**
 * Writes down how a claim ended (ID-4, ID-5): done, marker or unknown; counts the time until it expires from now. KEYS: the key.
 * ARGV: owner, state, ttl (ms), onExpired, principal, operation, fingerprint, status, headers, body. A record that has gone (a store that
 * lost its memory) is written anew: nobody else has claimed the key, and the upstream did run. A marker does not take the place of the
 * answer itself: that was written, and only the reply to it was lost.
 */
export const settleScript: StoreScript<SettleReply> = {
  name: 'idempotency.settle',
  space: 'idempotency',
  lua: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner and owner ~= ARGV[1] then return 'stale' end
if ARGV[2] == 'marker' and redis.call('HGET', KEYS[1], 'state') == 'done' then return 'kept' end
local ttl = tonumber(ARGV[3])
local kept = ttl
if ARGV[4] == 'reject' then kept = 2 * ttl end
if not owner then redis.call('HSET', KEYS[1], 'created', string.format('%.0f', now)) end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'owner', ARGV[1], 'principal', ARGV[5], 'operation', ARGV[6],
  'lock', '0', 'expires', string.format('%.0f', now + ttl), 'fingerprint', ARGV[7], 'status', ARGV[8], 'headers', ARGV[9], 'body', ARGV[10])
redis.call('PEXPIRE', KEYS[1], kept)
return 'kept'`,

  local(records, [key], values, nowMs) {
    const [owner, state, ttlMs, onExpired, principal, operation, fingerprint, status, headers, body] = values as [
      string,
      ClaimState,
      number,
      string,
      string,
      string,
      string,
      number,
      string,
      Uint8Array,
    ];
    const record = records.get(key as string);
    const old = record === undefined ? undefined : fieldsOf(record);
    if (old !== undefined && old.owner !== owner) return 'stale';
    if (old?.state === 'done' && state === 'marker') return 'kept';
    const created = old?.created ?? nowMs;
    const settled = { state, owner, principal, operation, created, lock: 0, expires: nowMs + ttlMs, fingerprint, status, headers, body };
    const expiresAt = nowMs + keptMs(ttlMs, onExpired);
    if (records.set(key as string, { fields: settled as ClaimFields, expiresAt })) return 'kept';
    // There is always room for what takes no more than the claim itself did.
    const marker = { ...settled, state: state === 'done' ? 'marker' : state, headers: '', body: NO_BODY } as ClaimFields;
    return records.set(key as string, { fields: marker, expiresAt }) ? 'kept' : 'full';
  },

  read(reply) {
    const text = textOf(reply);
    return text === 'kept' || text === 'stale' ? text : undefined;
  },
};

/**
 * Gives a claim up as if it had never been made: the upstream has seen nothing of it (ID-4). KEYS: the key. ARGV: owner. What is settled or
 * somebody else's stays.
 */
export const releaseScript: StoreScript<'released' | 'not_ours'> = {
  name: 'idempotency.release',
  space: 'idempotency',
  lua: `
local r = redis.call('HMGET', KEYS[1], 'owner', 'state')
if r[1] ~= ARGV[1] or r[2] == 'done' or r[2] == 'marker' then return 'not_ours' end
redis.call('DEL', KEYS[1])
return 'released'`,

  local(records, [key], [owner]) {
    const record = records.get(key as string);
    if (record === undefined) return 'not_ours';
    const fields = fieldsOf(record);
    if (fields.owner !== owner || fields.state === 'done' || fields.state === 'marker') return 'not_ours';
    records.delete(key as string);
    return 'released';
  },

  read(reply) {
    const text = textOf(reply);
    return text === 'released' || text === 'not_ours' ? text : undefined;
  },
};
