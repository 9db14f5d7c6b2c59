/** ID-5, ID-8: the scripts of idempotency say in Redis what they say in memory, whatever happens in which order. */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { StoreScript, StoreValue } from '../../src/core/store.ts';
import { claimScript } from '../../src/policies/idempotency/claim-script.ts';
import { releaseScript, settleScript } from '../../src/policies/idempotency/settle-scripts.ts';
import { type ClaimStep, KEY, LOCK_MS, TTL_MS, claimValues, histories, plain, settleValues } from '../kit/claim-history.ts';
import { FakeClock } from '../kit/clock.ts';
import { describeRedis, startRedis } from '../kit/redis.ts';
import { FakeStore } from '../kit/store.ts';

/** Runs a script as the store does: values as strings or bytes, replies as bytes. */
async function inRedis<R>(redis: Redis, script: StoreScript<R>, values: readonly StoreValue[]): Promise<R | undefined> {
  const given = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : String(value)));
  return script.read(await redis.callBuffer('EVAL', script.lua, 1, KEY, ...given));
}

async function step(redis: Redis, memory: FakeStore, s: ClaimStep): Promise<readonly [unknown, unknown]> {
  switch (s.do) {
    case 'claim': {
      const values = claimValues(s);
      return [plain(await inRedis(redis, claimScript, values)), plain(await memory.run(claimScript, [KEY], values))];
    }
    case 'settle': {
      const values = settleValues(s);
      return [await inRedis(redis, settleScript, values), memory.run(settleScript, [KEY], values)];
    }
    case 'release':
      return [await inRedis(redis, releaseScript, [s.owner]), memory.run(releaseScript, [KEY], [s.owner])];
    case 'vanish':
      await redis.del(KEY);
      memory.records.delete(KEY);
      return [undefined, undefined];
    default: {
      const field = s.do === 'lapse' ? 'lock' : 'expires';
      if ((await redis.exists(KEY)) === 1) await redis.hset(KEY, field, 0);
      const record = memory.records.get(KEY);
      if (record !== undefined) memory.records.set(KEY, { ...record, fields: { ...record.fields, [field]: 0 } });
      return [record === undefined, (await redis.exists(KEY)) === 0];
    }
  }
}

const text = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)]),
  );

describeRedis('the scripts in Redis', () => {
  it('ID-5: agree with those in memory', async () => {
    await using server = await startRedis();
    const redis = new Redis(server.url, { maxRetriesPerRequest: 1 });
    try {
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          await redis.del(KEY);
          const memory = new FakeStore(new FakeClock());
          for (const [i, s] of history.entries()) {
            const [shared, local] = await step(redis, memory, s);
            expect(shared, `step ${i}: ${JSON.stringify(s)}`).toEqual(local);
          }
          const record = memory.records.get(KEY)?.fields;
          expect(await redis.exists(KEY)).toBe(record === undefined ? 0 : 1);
          if (record === undefined) return;
          const fields = await redis.hgetall(KEY);
          for (const name of ['state', 'owner', 'principal', 'operation']) {
            // An expired key that was only refused keeps the state that it had.
            expect(fields[name], name).toBe(text(record)[name]);
          }
        }),
        { numRuns: 300 },
      );
    } finally {
      redis.disconnect();
    }
  }, 60_000);

  it('ID-2: a record goes by itself: after lock and ttl, after an outcome ttl later, with onExpired: reject as long again', async () => {
    await using server = await startRedis();
    const redis = new Redis(server.url, { maxRetriesPerRequest: 1 });
    const left = async (): Promise<number> => Math.ceil((await redis.pttl(KEY)) / 10_000) * 10_000;
    try {
      for (const onExpired of ['new', 'reject']) {
        const times = onExpired === 'reject' ? 2 : 1;
        await redis.del(KEY);
        await inRedis(redis, claimScript, claimValues({ do: 'claim', owner: 'o1', lockMs: LOCK_MS, onUnknown: 'refuse', onExpired }));
        expect(await left()).toBe(LOCK_MS + times * TTL_MS);
        const [lock, expires, created] = (await redis.hmget(KEY, 'lock', 'expires', 'created')).map(Number) as [number, number, number];
        expect([lock - created, expires - created]).toEqual([LOCK_MS, LOCK_MS + TTL_MS]);
        await inRedis(redis, settleScript, settleValues({ do: 'settle', owner: 'o1', state: 'done', onExpired }));
        expect(await left()).toBe(times * TTL_MS);
      }
    } finally {
      redis.disconnect();
    }
  }, 30_000);
});
