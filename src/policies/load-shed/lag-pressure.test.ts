import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LagPressure } from './lag-pressure.ts';

const LIMIT_MS = 100;

/** Asks every `stepMs` while the readings last; gives the share at each. A reading is about half a second. */
function shares(readings: readonly number[], stepMs = 50): number[] {
  const pressure = new LagPressure();
  const out: number[] = [];
  for (let nowMs = 0; nowMs < readings.length * 500; nowMs += stepMs)
    out.push(pressure.share(readings[Math.floor(nowMs / 500)] as number, LIMIT_MS, 5000 + nowMs));
  return out;
}

describe('LS-1: how much is shed for the event loop', () => {
  it('LS-1: nothing after a single long pause, wherever it falls', () => {
    for (let at = 0; at < 8; at++) {
      const readings = Array.from({ length: 8 }, (_, i) => (i === at ? 900 : 20));
      expect(Math.max(...shares(readings))).toBe(0);
    }
  });

  it('LS-1: nothing while it is no later than the limit', () => {
    expect(Math.max(...shares(Array.from({ length: 10 }, () => LIMIT_MS)))).toBe(0);
  });

  it.each([
    [110, 0.1],
    [150, 0.5],
    [200, 1],
    [5000, 1],
  ])('LS-1: a lag that stays at %d ms: a share of %d', (lagMs, share) => {
    const seen = shares(Array.from({ length: 8 }, () => lagMs));
    expect(seen.at(-1)).toBeCloseTo(share);
    expect(seen.findIndex((s) => s > 0) * 50).toBeLessThanOrEqual(1200);
  });

  it('LS-1: falls by half in 600 ms when the lag has gone, and ends', () => {
    const pressure = new LagPressure();
    for (let nowMs = 0; nowMs <= 2000; nowMs += 50) pressure.share(300, LIMIT_MS, nowMs);
    expect(pressure.share(0, LIMIT_MS, 2600)).toBeCloseTo(0.5);
    expect(pressure.share(0, LIMIT_MS, 3200)).toBeCloseTo(0.25);
    expect(pressure.share(0, LIMIT_MS, 8000)).toBe(0);
  });

  it('LS-1: two pauses with nobody asking in between are two pauses', () => {
    const pressure = new LagPressure();
    expect([0, 5000, 10_000].map((nowMs) => pressure.share(900, LIMIT_MS, nowMs))).toEqual([0, 0, 0]);
  });

  it('LS-1: is a share, whatever was read', () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.double({ min: 0, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const pressure = new LagPressure();
        let nowMs = 0;
        for (const [passed, lagMs] of steps) {
          nowMs += passed;
          const share = pressure.share(lagMs, LIMIT_MS, nowMs);
          expect(share >= 0 && share <= 1).toBe(true);
        }
      }),
    );
  });
});
