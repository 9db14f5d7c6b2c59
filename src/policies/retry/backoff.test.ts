import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Issues } from '../../core/schema.ts';
import { backoffMs } from './backoff.ts';
import { retrySchema } from './config.ts';

const DEFAULT = retrySchema.parse({}, [], new Issues()).backoff;

describe('the pause before another try', () => {
  it.each([
    [1, 25],
    [2, 50],
    [3, 100],
    [4, 200],
    [5, 250],
    [9, 250],
  ])('RT-6: after %d tries it is anything up to %d ms', (made, longest) => {
    expect([0, 0.5, 1].map((unit) => backoffMs(DEFAULT, made, unit))).toEqual([0, longest / 2, longest]);
  });

  it('RT-6: is never negative, and never longer than the longest', () => {
    const backoff = fc.record({ baseMs: fc.integer({ min: 1, max: 60_000 }), maxMs: fc.integer({ min: 1, max: 60_000 }) });
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(backoff, fc.integer({ min: 1, max: 10 }), unit, (of, made, drawn) => {
        const ms = backoffMs(of, made, drawn);
        expect(ms >= 0 && ms <= of.maxMs && ms <= of.baseMs * 2 ** (made - 1)).toBe(true);
      }),
    );
  });
});
