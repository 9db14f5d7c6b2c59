import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forwardedTimeoutMs, timeoutValue } from './forwarded-timeout.ts';

describe('the timeout that the upstream is told', () => {
  it.each([
    [15_000, 14_700],
    [1000, 980],
    [250, 245],
    [249, 244],
    [100, 95],
    [6, 1],
    [5.9, 0],
    [5, 0],
    [0, 0],
    [-20, 0],
    [Number.NEGATIVE_INFINITY, 0],
  ])('DL-3: of %d ms that are left it is told %d', (remainingMs, expected) => {
    expect(forwardedTimeoutMs(remainingMs)).toBe(expected);
  });

  it('DL-3: is a whole number, at least max(5 ms, 2 %) below what is left, and less than 1 ms more below it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (remainingMs) => {
        const told = forwardedTimeoutMs(remainingMs);
        const most = remainingMs - Math.max(5, remainingMs * 0.02);
        expect(Number.isInteger(told)).toBe(true);
        expect(told).toBeLessThanOrEqual(Math.max(0, most));
        expect(told).toBeGreaterThan(most - 1);
      }),
    );
  });

  it.each([
    ['x-request-timeout-ms', 980, '980'],
    ['x-envoy-expected-rq-timeout-ms', 980, '980'],
    ['grpc-timeout', 980, '980m'],
    ['grpc-timeout', 99_999_999, '99999999m'],
    ['grpc-timeout', 100_000_999, '100000S'],
  ])('DL-1: in %s, %d ms is written %s', (header, ms, expected) => {
    expect(timeoutValue(header, ms)).toBe(expected);
  });
});
