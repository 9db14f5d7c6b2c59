import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeoutMs } from './timeout-header.ts';

describe('DL-1: how callers say how long they wait', () => {
  it.each([
    ['1', 1],
    ['0250', 250],
    ['9999999999', 2 ** 31 - 1],
    ['0', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['5s', undefined],
    [' 5', undefined],
    ['', undefined],
    ['99999999999', undefined],
    ['Infinity', undefined],
    ['٣', undefined],
  ])('DL-1: X-Request-Timeout-Ms: %j is %s', (value, expected) => {
    expect(timeoutMs('x-request-timeout-ms', value)).toBe(expected);
    expect(timeoutMs('x-envoy-expected-rq-timeout-ms', value)).toBe(expected);
  });

  it.each([
    ['300m', 300],
    ['2S', 2000],
    ['1M', 60_000],
    ['1H', 3_600_000],
    ['1500u', 1],
    ['1u', 1],
    ['1n', 1],
    ['99999999H', 2 ** 31 - 1],
    ['0m', undefined],
    ['123456789m', undefined],
    ['300', undefined],
    ['300ms', undefined],
    ['300s', undefined],
    ['m', undefined],
    ['-1m', undefined],
  ])('DL-1: grpc-timeout: %j is %s', (value, expected) => {
    expect(timeoutMs('grpc-timeout', value)).toBe(expected);
  });

  it('DL-1: gives positive whole milliseconds that a timer can hold, or nothing', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,12}[HMSmun]?$/));
    fc.assert(
      fc.property(fc.constantFrom('grpc-timeout', 'x-request-timeout-ms'), text, (header, value) => {
        const ms = timeoutMs(header, value);
        if (ms !== undefined) expect(Number.isInteger(ms) && ms >= 1 && ms < 2 ** 31).toBe(true);
        expect(ms).toBe(timeoutMs(header, value));
      }),
    );
  });
});
