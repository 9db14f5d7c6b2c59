import type { StoreRecord, StoreScript, StoreValue } from '../../core/store.ts';
import { type Limit, fits, levelAt } from './gcra.ts';

/** What became of one limit. */
export interface Taken {
  readonly allowed: boolean;
  /** What is in use of its burst afterwards: requests, with fractions. */
  readonly level: number;
}

/** One limit as the script is told of it. */
export interface Taking extends Limit {
  /** Requests; below 0 they are given back. */
  readonly cost: number;
  /** It stops nobody, and is charged for itself (RL-4). */
  readonly shadow: boolean;
}

/** Where the values of a limit stand: as many as these for each, in the order of the keys. */
const INTERVAL = 0;
const BURST = 1;
const COST = 2;
const SHADOW = 3;
const EACH = 4;

export function takingValues(all: readonly Taking[]): readonly StoreValue[] {
  return all.flatMap(({ intervalMs, burst, cost, shadow }) => [intervalMs, burst, cost, shadow ? 1 : 0]);
}

/**
 * The same as `local` below. KEYS: a record for each limit; ARGV as `takingValues` makes it. A record is `level instant`, the instant in
 * microseconds of the server's clock. That is wall time: where it was set back, a record goes on from where the clock stands now, so
 * that nobody is locked out until it has caught up, and nobody gets a burst.
 */
const LUA = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local levels, allowed, passes = {}, {}, true

local function keep(i, level)
  local fullMs = math.max(1, math.ceil(level * tonumber(ARGV[4 * i - 3])))
  redis.call('SET', KEYS[i], string.format('%.17g %.0f', level, now), 'PX', string.format('%.0f', fullMs))
end

for i, key in ipairs(KEYS) do
  local interval, burst, cost = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1])
  local level, at = 0, now
  local kept = redis.call('GET', key)
  if kept then
    local l, a = string.match(kept, '^(%S+) (%S+)$')
    level, at = tonumber(l) or 0, tonumber(a) or now
  end
  level = math.min(level, burst) - math.max(0, now - at) / 1000 / interval
  if not (level > 0) then level = 0 end
  if now < at then keep(i, level) end
  levels[i] = level
  allowed[i] = level + cost <= burst + 1e-6
  if not allowed[i] and ARGV[4 * i] == '0' then passes = false end
end

local reply = {}
for i = 1, #KEYS do
  if passes and allowed[i] then
    levels[i] = math.max(0, levels[i] + tonumber(ARGV[4 * i - 1]))
    keep(i, levels[i])
  end
  reply[2 * i - 1] = allowed[i] and 1 or 0
  reply[2 * i] = string.format('%.17g', levels[i])
end
return reply
`;

/** Asks every limit, and charges them only if none refuses (RL-1). A shadow never refuses; it is charged where it would have passed. */
export const takeScript: StoreScript<readonly Taken[]> = {
  name: 'limits.take',
  space: 'limits',
  lua: LUA,
  local: (records, keys, values, nowMs) => {
    const taken: Array<{ allowed: boolean; level: number }> = [];
    let passes = true;
    for (let i = 0; i < keys.length; i++) {
      const v = i * EACH;
      const [intervalMs, burst] = [values[v + INTERVAL] as number, values[v + BURST] as number];
      const kept = records.get(keys[i] as string)?.fields;
      const at = kept === undefined ? nowMs : (kept['at'] as number);
      const level = kept === undefined ? 0 : levelAt(kept['level'] as number, at, nowMs, intervalMs, burst);
      if (nowMs < at) records.set(keys[i] as string, record(level, nowMs, intervalMs));
      const allowed = fits(level, values[v + COST] as number, burst);
      if (!allowed && values[v + SHADOW] === 0) passes = false;
      taken.push({ allowed, level });
    }
    if (!passes) return taken;
    for (let i = 0; i < keys.length; i++) {
      const one = taken[i] as { allowed: boolean; level: number };
      if (!one.allowed) continue;
      one.level = Math.max(0, one.level + (values[i * EACH + COST] as number));
      records.set(keys[i] as string, record(one.level, nowMs, values[i * EACH + INTERVAL] as number));
    }
    return taken;
  },
  read: (reply) => {
    if (!Array.isArray(reply) || reply.length % 2 !== 0) return undefined;
    const taken: Taken[] = [];
    for (let i = 0; i < reply.length; i += 2) {
      const level = Number(String(reply[i + 1]));
      if ((reply[i] !== 0 && reply[i] !== 1) || !(level >= 0) || String(reply[i + 1]) === '') return undefined;
      taken.push({ allowed: reply[i] === 1, level });
    }
    return taken;
  },
};

/** Not there any more when all of its burst is free again: that is what no record says. */
function record(level: number, nowMs: number, intervalMs: number): StoreRecord {
  return { fields: { level, at: nowMs }, expiresAt: nowMs + level * intervalMs };
}
