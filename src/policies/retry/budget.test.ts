import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Allowance, RetryBudget } from './budget.ts';

const DEFAULT: Allowance = { ratio: 0.2, minPerSecond: 10 };
const ONLY_RATIO: Allowance = { ratio: 0.2, minPerSecond: 0 };
const ONLY_FLOOR: Allowance = { ratio: 0, minPerSecond: 10 };

/** As many retries as are to be had at `nowMs`, 10,000 at most. */
function take(budget: RetryBudget, nowMs: number, allowance = DEFAULT): number {
  let taken = 0;
  while (taken < 10_000 && budget.allows(nowMs, allowance)) {
    budget.countRetry(nowMs);
    taken += 1;
  }
  return taken;
}

function requests(budget: RetryBudget, count: number, nowMs: number): void {
  for (let i = 0; i < count; i++) budget.countRequest(nowMs);
}

describe('RT-7: how many retries there are to be had', () => {
  it('RT-7: 100 without any request: ten a second, over ten seconds', () => {
    const budget = new RetryBudget();
    expect([take(budget, 5000), take(budget, 5000), take(budget, 14_800)]).toEqual([100, 0, 0]);
    expect(take(budget, 15_000)).toBe(100);
  });

  it('RT-7: 300 for a thousand requests, however they are spread over ten seconds', () => {
    for (const stepMs of [0, 1, 9]) {
      const budget = new RetryBudget();
      let made = 0;
      for (let i = 0; i < 1000; i++) {
        budget.countRequest(i * stepMs);
        made += take(budget, i * stepMs);
      }
      expect([stepMs, made]).toEqual([stepMs, 300]);
    }
  });

  it('RT-7: a request counts for ten seconds, and not longer', () => {
    const budget = new RetryBudget();
    requests(budget, 50, 3000);
    expect(budget.allows(12_800, ONLY_RATIO)).toBe(true);
    expect(budget.allows(13_000, ONLY_RATIO)).toBe(false);
    requests(budget, 50, 13_000);
    expect(take(budget, 13_000, ONLY_RATIO)).toBe(10);
  });

  it('RT-7: in the long run a fifth of the requests and ten a second', () => {
    const budget = new RetryBudget();
    let made = 0;
    for (let ms = 0; ms < 100_000; ms += 10) {
      budget.countRequest(ms);
      made += take(budget, ms);
    }
    // 10,000 requests in 100 s; each retry is forgotten up to 100 ms early.
    expect(made).toBeGreaterThanOrEqual(3000);
    expect(made).toBeLessThanOrEqual(3030);
  });

  it('RT-7: a change of the numbers holds at once, for what has been counted too', () => {
    const budget = new RetryBudget();
    requests(budget, 100, 0);
    expect([take(budget, 0, ONLY_RATIO), take(budget, 0, { ratio: 0.5, minPerSecond: 0 })]).toEqual([20, 30]);
    expect(budget.allows(0, ONLY_RATIO)).toBe(false);
  });

  it.each([
    [0.29, 100, 29],
    [0.1, 30, 3],
    [0.7, 10, 7],
    [1 / 3, 3, 1],
    [0.2, 4, 0],
    [10, 3, 30],
    [0, 1000, 0],
  ])('RT-7: %d of %d requests are %d retries', (ratio, count, expected) => {
    const budget = new RetryBudget();
    requests(budget, count, 0);
    expect(take(budget, 0, { ratio, minPerSecond: 0 })).toBe(expected);
  });

  it('RT-7: what comes late counts as now: time is never set back', () => {
    const budget = new RetryBudget();
    requests(budget, 10, 20_000);
    requests(budget, 10, 1000);
    expect(take(budget, 20_000, ONLY_RATIO)).toBe(4);
    expect(take(budget, 40_000, ONLY_FLOOR)).toBe(100);
  });

  it('RT-7: no ten seconds see more than their share, and none is refused that was due', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.constantFrom('request', 'retry', 'retry')), { maxLength: 200 });
    const allowance = fc.record({ ratio: fc.double({ min: 0, max: 2, noNaN: true }), minPerSecond: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(events, allowance, (list, given) => {
        const budget = new RetryBudget();
        const seen: Array<readonly [number, string]> = [];
        const within = (nowMs: number, ms: number, kind: string): number => seen.filter(([at, k]) => k === kind && nowMs - at < ms).length;
        let nowMs = 0;
        for (const [stepMs, kind] of list) {
          nowMs += stepMs;
          if (kind === 'request') {
            budget.countRequest(nowMs);
            seen.push([nowMs, kind]);
            continue;
          }
          const floor = given.minPerSecond * 10 + 1e-6;
          const most = given.ratio * within(nowMs, 10_000, 'request') + floor;
          const least = given.ratio * within(nowMs, 9900, 'request') + floor - 1e-5;
          const allowed = budget.allows(nowMs, given);
          if (allowed) expect(within(nowMs, 9900, 'retry') + 1).toBeLessThanOrEqual(most);
          else expect(within(nowMs, 10_000, 'retry') + 1).toBeGreaterThan(least);
          if (!allowed) continue;
          budget.countRetry(nowMs);
          seen.push([nowMs, 'retry']);
        }
      }),
    );
  });
});
