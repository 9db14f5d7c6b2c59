import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Limit, SLACK, fits, levelAt, passingNow, shareOf, untilFullMs, untilNextMs } from './gcra.ts';

/** One bucket, asked at instants: which requests pass. */
function admitted(limit: Limit, instants: readonly number[]): number[] {
  let [level, at] = [0, instants[0] ?? 0];
  const passed: number[] = [];
  for (const now of instants) {
    level = levelAt(level, at, now, limit.intervalMs, limit.burst);
    at = now;
    if (!fits(level, 1, limit.burst)) continue;
    level += 1;
    passed.push(now);
  }
  return passed;
}

/** From one in a day to a million in a millisecond. */
const limits = fc
  .record({
    rate: fc.integer({ min: 1, max: 1_000_000 }),
    perMs: fc.integer({ min: 1, max: 86_400_000 }),
    burst: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ rate, perMs, burst }): Limit => ({ intervalMs: perMs / rate, burst }));

/** Instants that rise by parts and multiples of the interval, of a clock that has run for up to a year. */
const times = (limit: Limit): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.double({ min: 0, max: 3e10, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 200 }),
    )
    .map(([from, steps]) => {
      let now = from;
      return steps.map((step) => {
        now += step * step * limit.intervalMs;
        return now;
      });
    });

const cases = limits.chain((limit) => times(limit).map((instants) => ({ limit, instants })));

describe('GCRA', () => {
  it('RL-1: in no window do more pass than the burst and what the rate gives in that time', () => {
    fc.assert(
      fc.property(cases, ({ limit, instants }) => {
        const passed = admitted(limit, instants);
        for (let i = 0; i < passed.length; i++) {
          for (let j = i; j < passed.length; j++) {
            const inWindow = limit.burst + ((passed[j] as number) - (passed[i] as number)) / limit.intervalMs;
            expect(j - i + 1).toBeLessThanOrEqual(inWindow + 1e-3);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('RL-1: nobody is refused while the rate and the burst leave room', () => {
    fc.assert(
      fc.property(cases, ({ limit, instants }) => {
        // Slower than the rate from the first to the last: all pass, whatever the burst. No clock tells such instants apart below this.
        fc.pre(limit.intervalMs > 0.01);
        const spaced = instants.map((now, i) => now + i * limit.intervalMs * 1.01);
        expect(admitted(limit, spaced)).toHaveLength(spaced.length);
      }),
      { numRuns: 300 },
    );
  });

  it('RL-1: the long-run rate holds under a flood', () => {
    for (const limit of [
      { intervalMs: 10, burst: 1 },
      { intervalMs: 1000 / 3, burst: 7 },
      { intervalMs: 1e-3, burst: 1000 },
      { intervalMs: 86_400_000, burst: 3 },
    ]) {
      const steps = 20_000;
      const windowMs = 1000 * limit.intervalMs;
      const instants = Array.from({ length: steps }, (_, i) => 1e9 + (i * windowMs) / steps);
      expect(Math.abs(admitted(limit, instants).length - (limit.burst + 999))).toBeLessThanOrEqual(1);
    }
  });

  it('RL-1: a clock that is set back gives no burst and locks nobody out', () => {
    const hour = 3_600_000;
    const level = levelAt(5, 10 * hour, 9 * hour, 1000, 5);
    expect(level).toBe(5);
    expect(levelAt(level, 9 * hour, 9 * hour + 1000, 1000, 5)).toBe(4);
  });

  it('RL-1: a burst that has become smaller counts at once', () => {
    expect(levelAt(80, 0, 0, 1000, 10)).toBe(10);
  });

  it('RL-2: what passes now passes, and not one more; after the wait that it tells the next one does', () => {
    fc.assert(
      fc.property(limits, fc.double({ min: 0, max: 1, noNaN: true }), (limit, used) => {
        const level = used * limit.burst;
        const passing = passingNow(level, limit.burst);
        if (passing > 0) expect(fits(level, passing, limit.burst + SLACK)).toBe(true);
        expect(fits(level, passing + 1, limit.burst - SLACK)).toBe(false);
        const next = levelAt(level, 0, untilNextMs(level, limit), limit.intervalMs, limit.burst);
        expect(fits(next, 1, limit.burst)).toBe(true);
        expect(levelAt(level, 0, untilFullMs(level, limit), limit.intervalMs, limit.burst)).toBeCloseTo(0, 6);
      }),
    );
  });

  it('RL-3: the shares of all replicas together are the limit, or one request each', () => {
    expect(shareOf({ intervalMs: 10, burst: 100 }, 3)).toEqual({ intervalMs: 30, burst: 33 });
    expect(shareOf({ intervalMs: 10, burst: 2 }, 5)).toEqual({ intervalMs: 50, burst: 1 });
  });
});
