import { type RedisStoreOptions, type RedisStore, openRedisStore } from '../../src/adapters/redis-store/redis-store.ts';
import { systemClock, systemRandom } from '../../src/adapters/system-clock/system.ts';
import type { StoreScript } from '../../src/core/store.ts';
import { RecordingMeter } from './meter.ts';
import { until } from './until.ts';

/** The store for Redis, with what it told. Disposing closes it. */
export interface TestStore {
  readonly store: RedisStore;
  readonly meter: RecordingMeter;
  /** `level message reason`, one a line of the log. */
  readonly log: readonly string[];
  /** Waits until it is up, or is not. */
  until(state: 'up' | 'down'): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Longer than the default: the machine has other work, and time is no subject unless a test says so. */
const PATIENT_MS = 300;

export async function openTestStore(url: string, options: Partial<RedisStoreOptions> = {}): Promise<TestStore> {
  const meter = new RecordingMeter();
  const log: string[] = [];
  const say = (level: string) => (fields: object, message: string) => {
    const { reason } = fields as { reason?: string };
    log.push(`${level} ${message}${reason === undefined ? '' : ` (${reason})`}`);
    if (JSON.stringify(fields).includes('s3cr3t')) log.push('THE PASSWORD');
  };
  const logger = { info: say('info'), warn: say('warn'), error: say('error') };
  const standard = { timeoutMs: PATIENT_MS, prefix: 'test', replicas: 'auto' as const, clock: systemClock, random: systemRandom() };
  const store = await openRedisStore({ ...standard, url, meter, logger, ...options });
  return {
    store,
    meter,
    log,
    async until(state) {
      await until(() => meter.value('store_up') === (state === 'up' ? 1 : 0), `the store is ${state}`);
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** Counts calls under its key; in memory, too. */
export const counting: StoreScript<number> = {
  name: 'limits.counting',
  space: 'limits',
  lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])",
  local: (records, [key = ''], [by], nowMs) => {
    const count = Number(records.get(key)?.fields['count'] ?? 0) + Number(by);
    records.set(key, { fields: { count }, expiresAt: nowMs + 60_000 });
    return count;
  },
  read: (reply) => (typeof reply === 'number' ? reply : undefined),
};
