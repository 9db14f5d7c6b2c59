import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

describe('RT-6: how long an upstream asks to be left alone', () => {
  it.each([
    ['0', 0],
    ['1', 1000],
    ['007', 7000],
    ['86400', 86_400_000],
    [new Date(NOW + 2000).toUTCString(), 2000],
    ['Thursday, 01-Jan-26 12:01:00 GMT', 60_000],
    ['Thu Jan  1 12:00:03 2026', 3000],
  ])('RT-6: Retry-After: %s is %d ms', (value, expected) => {
    expect(retryAfterMs(['A', '1', 'retry-AFTER', value], NOW)).toBe(expected);
  });

  it('RT-6: a date that has passed is none at all', () => {
    expect(retryAfterMs(['Retry-After', new Date(NOW - 60_000).toUTCString()], NOW)).toBe(0);
  });

  it('RT-6: a number beyond all measure is longer than anybody waits', () => {
    expect(retryAfterMs(['Retry-After', '9'.repeat(400)], NOW)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(['', '-1', '1.5', '+1', '1s', '1, 2', '0x10', '1e3', 'soon', '٣'])('RT-6: %j is malformed, as good as none', (value) => {
    expect(retryAfterMs(['Retry-After', value], NOW)).toBeUndefined();
    expect(retryAfterMs([], NOW)).toBeUndefined();
  });
});
