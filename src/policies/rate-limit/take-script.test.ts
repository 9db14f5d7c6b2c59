import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bothStores } from '../../../test/kit/both-stores.ts';
import { FakeClock } from '../../../test/kit/clock.ts';
import { describeRedis } from '../../../test/kit/redis.ts';
import { FakeStore } from '../../../test/kit/store.ts';
import { type Taken, type Taking, takeScript, takingValues } from './take-script.ts';

const limit = (more: Partial<Taking> = {}): Taking => ({ intervalMs: 1000, burst: 2, cost: 1, shadow: false, ...more });

function memory() {
  const clock = new FakeClock();
  const store = new FakeStore(clock);
  const take = (keys: readonly string[], limits: readonly Taking[]): readonly Taken[] =>
    store.run(takeScript, keys, takingValues(limits)) as readonly Taken[];
  return { clock, store, take };
}

const yes = (taken: readonly Taken[]): boolean[] => taken.map(({ allowed }) => allowed);

describe('limits.take', () => {
  it('RL-1: charges none where one refuses', () => {
    const { take } = memory();
    const [wide, tight] = [limit({ burst: 10 }), limit({ burst: 1 })];
    expect(yes(take(['a', 'b'], [wide, tight]))).toEqual([true, true]);
    for (let i = 0; i < 20; i++)
      expect(take(['a', 'b'], [wide, tight])).toEqual([
        { allowed: true, level: 1 },
        { allowed: false, level: 1 },
      ]);
    expect(yes(take(['a'], [wide]))).toEqual([true]);
  });

  it('RL-4: a shadow stops nobody, and is charged where it would have passed', () => {
    const { take } = memory();
    const limits = [limit({ burst: 3 }), limit({ burst: 1, shadow: true })];
    expect(Array.from({ length: 4 }, () => yes(take(['a', 's'], limits)))).toEqual([
      [true, true],
      [true, false],
      [true, false],
      [false, false],
    ]);
  });

  it('RL-4: a shadow is not charged for what another limit refuses', () => {
    const { take } = memory();
    const limits = [limit({ burst: 1 }), limit({ burst: 5, shadow: true })];
    for (let i = 0; i < 9; i++) take(['a', 's'], limits);
    expect(take(['s'], [limit({ burst: 5 })])).toEqual([{ allowed: true, level: 2 }]);
  });

  it('RL-1: what is given back is there again, and never more than the burst', () => {
    const { take } = memory();
    take(['a'], [limit()]);
    take(['a'], [limit()]);
    expect(take(['a'], [limit({ cost: -1 })])).toEqual([{ allowed: true, level: 1 }]);
    for (let i = 0; i < 5; i++) take(['a'], [limit({ cost: -1 })]);
    expect([1, 2, 3].map(() => yes(take(['a'], [limit()])))).toEqual([[true], [true], [false]]);
  });

  it('keeps nothing of a key whose burst is free again', () => {
    const { take, store, clock } = memory();
    take(['a'], [limit({ burst: 5 })]);
    take(['a'], [limit({ burst: 5 })]);
    expect((store.records.get('a')?.expiresAt ?? 0) - clock.monotonicMs()).toBe(2000);
  });

  it.each([[undefined], ['x'], [[1]], [[2, '1']], [[1, 'soon']], [[1, '-1']], [[1, '']], [[1, 'nan']]])(
    'does not take %j for its reply',
    (reply) => {
      expect(takeScript.read(reply)).toBeUndefined();
    },
  );
});

const takings = fc.record({
  intervalMs: fc.constantFrom(10_000, 20_000, 60_000, 100_000 / 3, 86_400_000, 123_456.789, 1000 / 3, 1, 1e-6),
  burst: fc.integer({ min: 1, max: 4 }),
  cost: fc.constantFrom(1, 1, 1, -1),
  shadow: fc.boolean(),
});
const steps = fc.record({
  advanceMs: fc.constantFrom(0, 0, 1, 333, 999, 5000, 10_000, 33_333, 60_000),
  which: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
});
const histories = fc.record({
  limits: fc.array(takings, { minLength: 3, maxLength: 3 }),
  steps: fc.array(steps, { minLength: 1, maxLength: 25 }),
});

/**
 * Lifetimes in seconds instead of milliseconds: in Redis records also expire in real time, and one that lives for a millisecond would be gone
 * before the next step. To forget what has emptied changes no answer.
 */
const lasting = { ...takeScript, lua: takeScript.lua.replace("'PX'", "'EX'") };

describeRedis('limits.take in Redis', () => {
  it('RL-3: says the same as in memory, for random histories', async () => {
    await using both = await bothStores();
    expect(lasting.lua).not.toBe(takeScript.lua);
    const agree = async (history: { limits: Taking[]; steps: Array<{ advanceMs: number; which: number[] }> }): Promise<void> => {
      await both.clear();
      for (const { advanceMs, which } of history.steps) {
        if (advanceMs > 0) await both.advance(advanceMs);
        const keys = which.map((i) => `key ${i}`);
        const { memory: local, redis } = await both.run(lasting, keys, takingValues(which.map((i) => history.limits[i] as Taking)));
        expect(yes(redis)).toEqual(yes(local));
        for (const [i, { level }] of local.entries()) expect(redis[i]?.level).toBeCloseTo(level, 6);
      }
    };
    await fc.assert(fc.asyncProperty(histories, agree), { numRuns: 60 });
  });

  it('RL-3: forgets a key when all of its burst is free again', async () => {
    await using both = await bothStores();
    const asksTwice = { ...takeScript, lua: takeScript.lua.replace('return reply', "return { 1, redis.call('PTTL', KEYS[1]) }") };
    const values = takingValues([limit({ intervalMs: 100_000 / 3, burst: 5 })]);
    await both.run(takeScript, ['a'], values);
    const { redis } = await both.run(asksTwice, ['a'], values);
    expect(redis[0]?.level).toBeGreaterThan(65_000);
    expect(redis[0]?.level).toBeLessThanOrEqual(66_667);
  });

  it('RL-3: a server clock that is set back locks nobody out, and gives nobody a burst', async () => {
    await using both = await bothStores();
    const [keys, values] = [['a'], takingValues([limit({ intervalMs: 10_000 })])];
    const shifted = (ms: number): typeof takeScript => ({
      ...takeScript,
      lua: takeScript.lua.replace('local now = ', `local now = ${ms * 1000} + `),
    });
    const at = async (shiftMs: number): Promise<boolean | undefined> => (await both.run(shifted(shiftMs), keys, values)).redis[0]?.allowed;
    const hour = 3_600_000;
    expect([await at(hour), await at(hour), await at(hour)]).toEqual([true, true, false]);
    expect(await at(0)).toBe(false);
    await both.advance(9_999);
    expect(await at(0)).toBe(false);
    await both.advance(1);
    expect([await at(0), await at(0)]).toEqual([true, false]);
  });

  it('RL-3: a record that somebody else wrote counts as none', async () => {
    await using both = await bothStores();
    const written = (text: string): typeof takeScript => ({
      ...takeScript,
      lua: `redis.call('SET', KEYS[1], '${text}')\n${takeScript.lua}`,
    });
    for (const text of ['', 'x y', 'nan 5', '-3 0', '1']) {
      const { redis } = await both.run(written(text), ['a'], takingValues([limit()]));
      expect([text, redis]).toEqual([text, [{ allowed: true, level: 1 }]]);
    }
    // Full from the beginning of time, or for ever: no more than a burst, and it empties.
    expect((await both.run(written('inf 99999999999999'), ['a'], takingValues([limit()]))).redis).toEqual([{ allowed: false, level: 2 }]);
  });
});
