import type { StoreScript } from '../../core/store.ts';
import { type ClaimFields, NO_BODY, fieldsOf, keptMs, textOf } from './claim-record.ts';

/** What became of an attempt to claim a key. */
export type ClaimReply =
  /** It is the caller's. `lapsed`: it was somebody's whose lock ran out. `fingerprint`: of the request before; empty where it is not known. */
  | { readonly is: 'new'; readonly lapsed: boolean; readonly fingerprint: string }
  | { readonly is: 'running'; readonly lockLeftMs: number }
  | { readonly is: 'done'; readonly fingerprint: string; readonly status: number; readonly headers: string; readonly body: Uint8Array }
  | { readonly is: 'marker'; readonly fingerprint: string; readonly status: number }
  /** `lapsed`: this is the first to find out that the owner's lock ran out. */
  | { readonly is: 'unknown'; readonly lapsed: boolean }
  | { readonly is: 'expired' }
  /** There is no room for it. */
  | { readonly is: 'full' };

const NEW: ClaimReply = Object.freeze({ is: 'new', lapsed: false, fingerprint: '' });
const UNKNOWN: ClaimReply = Object.freeze({ is: 'unknown', lapsed: false });
const LAPSED: ClaimReply = Object.freeze({ is: 'unknown', lapsed: true });
const EXPIRED: ClaimReply = Object.freeze({ is: 'expired' });
const FULL: ClaimReply = Object.freeze({ is: 'full' });

/**
 * Claims a key, or tells what is known of it (ID-5). KEYS: the key. ARGV: owner, lock (ms), ttl (ms), onUnknown, onExpired, principal,
 * operation. Who asks again under its own owner token gets its claim again: a reply that was lost, or a command that was sent twice, must not
 * lock it out.
 */
export const claimScript: StoreScript<ClaimReply> = {
  name: 'idempotency.claim',
  space: 'idempotency',
  lua: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local owner, lock, ttl, onUnknown, onExpired = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local r = redis.call('HMGET', KEYS[1], 'state', 'owner', 'lock', 'expires', 'fingerprint', 'status')
local state = r[1]
local function take()
  local kept = ttl
  if onExpired == 'reject' then kept = 2 * ttl end
  redis.call('HSET', KEYS[1], 'state', 'running', 'owner', owner, 'principal', ARGV[6], 'operation', ARGV[7],
    'created', string.format('%.0f', now), 'lock', string.format('%.0f', now + lock), 'expires', string.format('%.0f', now + lock + ttl))
  redis.call('PEXPIRE', KEYS[1], lock + kept)
end
if state and now >= tonumber(r[4]) then
  if onExpired == 'reject' then
    redis.call('HDEL', KEYS[1], 'headers', 'body')
    return {'expired'}
  end
  redis.call('DEL', KEYS[1])
  state = false
end
if not state then
  take()
  return {'new', '0', ''}
end
if state == 'running' then
  if r[2] == owner then
    take()
    return {'new', '0', r[5] or ''}
  end
  local left = tonumber(r[3]) - now
  if left > 0 then return {'running', string.format('%.0f', left)} end
end
if state == 'running' or state == 'unknown' then
  local lapsed = '0'
  if state == 'running' then lapsed = '1' end
  if onUnknown == 'run' then
    take()
    return {'new', lapsed, r[5] or ''}
  end
  redis.call('HSET', KEYS[1], 'state', 'unknown')
  return {'unknown', lapsed}
end
if state == 'marker' then return {'marker', r[5], r[6]} end
local kept = redis.call('HMGET', KEYS[1], 'headers', 'body')
return {'done', r[5], r[6], kept[1], kept[2]}`,

  local(records, [key], values, nowMs) {
    const [owner, lockMs, ttlMs, onUnknown, onExpired, principal, operation] = values as [string, number, number, ...string[]];
    const record = records.get(key as string);
    const old = record === undefined ? undefined : fieldsOf(record);
    const take = (lapsed: boolean): ClaimReply => {
      const fingerprint = old !== undefined && nowMs < old.expires ? old.fingerprint : '';
      const fields = {
        state: 'running',
        owner,
        principal,
        operation,
        created: nowMs,
        lock: nowMs + lockMs,
        expires: nowMs + lockMs + ttlMs,
        fingerprint,
        status: 0,
        headers: '',
        body: NO_BODY,
      } as ClaimFields;
      const kept = records.set(key as string, { fields, expiresAt: nowMs + lockMs + keptMs(ttlMs, onExpired as string), pinned: true });
      if (!kept) return FULL;
      return lapsed || fingerprint !== '' ? { is: 'new', lapsed, fingerprint } : NEW;
    };
    if (record === undefined || old === undefined) return take(false);
    if (nowMs >= old.expires) {
      if (onExpired !== 'reject') return take(false);
      records.set(key as string, { fields: { ...old, headers: '', body: NO_BODY }, expiresAt: record.expiresAt });
      return EXPIRED;
    }
    const { fingerprint, status } = old;
    if (old.state === 'done') return { is: 'done', fingerprint, status, headers: old.headers, body: old.body };
    if (old.state === 'marker') return { is: 'marker', fingerprint, status };
    const running = old.state === 'running';
    if (running && old.owner === owner) return take(false);
    if (running && nowMs < old.lock) return { is: 'running', lockLeftMs: Math.ceil(old.lock - nowMs) };
    if (onUnknown === 'run') return take(running);
    if (!running) return UNKNOWN;
    // Still in the way of others: its owner, in this same process, may yet tell how it ended.
    records.set(key as string, { fields: { ...old, state: 'unknown' }, expiresAt: record.expiresAt, pinned: true });
    return LAPSED;
  },

  read(reply) {
    if (!Array.isArray(reply)) return undefined;
    const [is, first, second, headers, body] = reply as unknown[];
    const [a, b] = [textOf(first), textOf(second)];
    switch (textOf(is)) {
      case 'new':
        return a === undefined || b === undefined ? undefined : { is: 'new', lapsed: a === '1', fingerprint: b };
      case 'running':
        return { is: 'running', lockLeftMs: Number(a) };
      case 'unknown':
        return { is: 'unknown', lapsed: a === '1' };
      case 'expired':
        return EXPIRED;
      case 'marker':
        return a === undefined ? undefined : { is: 'marker', fingerprint: a, status: Number(b) };
      case 'done': {
        const text = textOf(headers);
        if (a === undefined || text === undefined || !(body instanceof Uint8Array)) return undefined;
        return { is: 'done', fingerprint: a, status: Number(b), headers: text, body };
      }
      default:
        return undefined;
    }
  },
};
