import { Redis } from 'ioredis';
import { MemoryStore } from '../../src/adapters/memory-store/memory-store.ts';
import type { StoreScript, StoreValue } from '../../src/core/store.ts';
import { FakeClock } from './clock.ts';
import { RecordingMeter } from './meter.ts';
import { startRedis } from './redis.ts';

/**
 * One history against both forms of a script: as a function in memory, and as Lua in a real Redis. Time is the test's in both: it
 * stands still but for `advance`, in scripts (`redis.call('TIME')` is replaced) and in what expires in Redis.
 */
export interface BothStores {
  /** Runs it in both. They agree where `memory` equals `redis`. */
  run<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): Promise<{ memory: R; redis: R }>;
  /** Milliseconds, whole ones. */
  advance(ms: number): Promise<void>;
  /** Forgets everything, for the next history; time goes on. */
  clear(): Promise<void>;
  /** Instant of both, milliseconds. */
  readonly nowMs: number;
  [Symbol.asyncDispose](): Promise<void>;
}

const NOW_KEY = 'test:now';
const TIME_CALL = /redis\.call\(\s*(['"])TIME\1\s*\)/gi;
const TEST_TIME = `local function test_time()
  local now = tonumber(redis.call('GET', '${NOW_KEY}'))
  return { string.format('%d', math.floor(now / 1000)), string.format('%d', (now % 1000) * 1000) }
end
`;
/** Time passes for what is kept, too. */
const PASS = `for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then
    if left <= tonumber(ARGV[1]) then redis.call('DEL', key) else redis.call('PEXPIRE', key, left - ARGV[1]) end
  end
end
return redis.call('INCRBY', '${NOW_KEY}', ARGV[1])`;

/** What expires in Redis also does so in real time, which a test does not need: keep lifetimes of seconds and more. */
export async function bothStores(): Promise<BothStores> {
  const server = await startRedis();
  const client = new Redis(server.url, { maxRetriesPerRequest: 0, protocol: 2 });
  client.on('error', () => undefined);
  const clock = new FakeClock(1_000_000);
  let memory = new MemoryStore({ maxBytes: 64 * 1024 * 1024, clock, meter: new RecordingMeter() });
  await client.set(NOW_KEY, clock.monotonicMs());
  return {
    async run<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]) {
      const lua = TEST_TIME + script.lua.replace(TIME_CALL, 'test_time()');
      const args = [...keys.map((key) => `test:${key}`), ...values.map(argument)];
      const reply: unknown = await client.callBuffer('EVAL', lua, keys.length, ...args);
      const redis = script.read(reply);
      if (redis === undefined) throw new Error(`${script.name} does not read its own reply: ${JSON.stringify(reply)}`);
      return { memory: memory.run(script, keys, values), redis };
    },
    async advance(ms) {
      clock.advance(ms);
      await client.eval(PASS, 0, ms);
    },
    async clear() {
      await client.flushall();
      await client.set(NOW_KEY, clock.monotonicMs());
      memory = new MemoryStore({ maxBytes: 64 * 1024 * 1024, clock, meter: new RecordingMeter() });
    },
    get nowMs() {
      return clock.monotonicMs();
    },
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

function argument(value: StoreValue): string | number | Buffer {
  return typeof value === 'object' ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
