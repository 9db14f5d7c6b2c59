import { readFindingRow } from '../../../core/finding-row.ts';
import type { FindingRow } from '../../../core/findings.ts';
import type { RedisScript } from '../scripts.ts';
import { MERGE_LUA } from './merge-lua.ts';

/** Rows that one call takes, and bytes of JSON: so much is merged in about two milliseconds, during which Redis does nothing else. */
export const ROWS_A_CALL = 16;
export const BYTES_A_CALL = 16 * 1024;
/** Changed rows that one call gives back besides, and their bytes (one row comes, however long it is). */
const PAGE_ROWS = 64;
const PAGE_BYTES = 64 * 1024;
/** Findings in Redis are so large at most, together, in bytes of JSON. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Where there is no room, a finding that nobody has seen for so long makes it. */
const STALE_MS = 30 * 24 * 3600 * 1000;
/** All goes when no gateway has asked for so long; what is known of the calls of one process, when that has not called for so long. */
const KEPT_MS = 90 * 24 * 3600 * 1000;
const CALLER_KEPT_MS = 7 * 24 * 3600 * 1000;

/** What the script gives back. */
export interface Exchanged {
  /** Of the findings in Redis: another one where it has begun anew. */
  readonly epoch: string;
  /** Up to where the rows are told. */
  readonly cursor: string;
  readonly more: boolean;
  /** Rows for which there is no room, or that are none. */
  readonly refused: number;
  readonly rows: readonly FindingRow[];
  /** Rows that nobody can read: not ours. */
  readonly unreadable: number;
}

/**
 * KEYS: the rows by id (hash), their versions (sorted set), what is known of all (hash: epoch, version, bytes), the last call of this process
 * ("epoch:sequence").
 * ARGV: `add` or `offer`, an epoch for where there is none, the epoch and the cursor of the answer before, the sequence of this call (0: nothing to add
 * once), the most rows; then rows as JSON.
 *
 * A row's version is the number of its last change: what has one beyond the cursor is new to who asks. Where one of the three is missing or does not go
 * with the others (it was evicted, or somebody else's hand is in it) all is begun anew; replicas see that by the epoch and offer what they know.
 * Reading comes before writing: what has another type under these keys fails the call before it has changed anything.
 */
export const exchangeScript: RedisScript<Exchanged> = {
  name: 'findings.exchange',
  lua: `${MERGE_LUA}
local rows, order, about, caller = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local sequence, limit = tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', about, 'epoch', 'version', 'bytes')
local epoch, version, bytes = string.match(known[1] or '', '^%x+$'), tonumber(known[2] or ''), tonumber(known[3] or '')
local count, entries = redis.call('HLEN', rows), redis.call('ZCARD', order)
local last, lastSequence = string.match(redis.call('GET', caller) or '', '^(%x+):(%d+)$')
local function whole(number) return number and number >= 0 and number < 2^53 and number % 1 == 0 end
local isIntact = epoch and whole(version) and whole(bytes) and entries == count
if not isIntact or redis.call('ZCOUNT', order, '(' .. string.format('%.0f', version), '+inf') > 0 then
  redis.call('DEL', rows, order, about)
  epoch, version, bytes, count = ARGV[2], 0, 0, 0
end

local function stored(id)
  local text = redis.call('HGET', rows, id)
  if not text then return nil end
  local isJson, row = pcall(cjson.decode, text)
  return text, isJson and sound(row) and row.id == id and row or nil
end

local function isRoom(size) return count < limit and bytes + size <= ${MOST_BYTES} end

local function makeRoom(size)
  if isRoom(size) then return true end
  local oldest = redis.call('ZRANGE', order, 0, 0)[1]
  if not oldest then return false end
  local text, row = stored(oldest)
  if row and row.seen.lastSeenAt > now - ${STALE_MS} then return false end
  redis.call('ZREM', order, oldest)
  redis.call('HDEL', rows, oldest)
  count, bytes = count - 1, bytes - #(text or '')
  return isRoom(size)
end

local function add(a, b) return a + b end
local join = ARGV[1] == 'offer' and math.max or add
local refused = 0
local function take(change)
  local before, row = stored(change.id)
  local after = cjson.encode(row and merge(row, change, join) or change)
  if not before and not makeRoom(#after) then
    refused = refused + 1
    return
  end
  version = version + 1
  redis.call('HSET', rows, change.id, after)
  redis.call('ZADD', order, version, change.id)
  count, bytes = count + (before and 0 or 1), bytes + #after - #(before or '')
end

local mine, given = {}, {}
local isRepeated = sequence > 0 and last == epoch and tonumber(lastSequence) >= sequence
for i = 7, #ARGV do
  local isJson, change = pcall(cjson.decode, ARGV[i])
  if not (isJson and sound(change)) then
    refused = refused + 1
  else
    if not isRepeated then take(change) end
    mine[change.id] = true
  end
end
for id in pairs(mine) do
  local text = redis.call('HGET', rows, id)
  if text then given[#given + 1] = text end
end
if sequence > 0 and not isRepeated then redis.call('SET', caller, epoch .. ':' .. ARGV[5], 'PX', ${CALLER_KEPT_MS}) end
redis.call('HSET', about, 'epoch', epoch, 'version', version, 'bytes', bytes)
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ${KEPT_MS}) end

local cursor, more = epoch == ARGV[3] and ARGV[4] or '0', 0
local page = redis.call('ZRANGEBYSCORE', order, '(' .. cursor, '+inf', 'WITHSCORES', 'LIMIT', 0, ${PAGE_ROWS})
if #page == ${2 * PAGE_ROWS} then more = 1 end
local pageSize = 0
for i = 1, #page, 2 do
  local text = not mine[page[i]] and redis.call('HGET', rows, page[i])
  if text then
    if pageSize > 0 and pageSize + #text > ${PAGE_BYTES} then
      more = 1
      break
    end
    given[#given + 1] = text
    pageSize = pageSize + #text
  end
  cursor = page[i + 1]
end
local reply = { epoch, cursor, more, refused }
for i = 1, #given do reply[#reply + 1] = given[i] end
return reply`,
  read(reply) {
    if (!Array.isArray(reply)) return undefined;
    const [epoch, cursor, more, refused, ...texts] = reply as unknown[];
    if (!(epoch instanceof Buffer && cursor instanceof Buffer) || (more !== 0 && more !== 1) || typeof refused !== 'number')
      return undefined;
    const rows: FindingRow[] = [];
    for (const text of texts) {
      if (!(text instanceof Buffer)) return undefined;
      const row = readFindingRow(text.toString());
      if (row !== undefined) rows.push(row);
    }
    return { epoch: String(epoch), cursor: String(cursor), more: more === 1, refused, rows, unreadable: texts.length - rows.length };
  },
};
