import { describe, expect, it } from 'vitest';
import { exchange } from '../../test/kit/exchange.ts';
import { isCallersRetry, isStacked } from './caller-retries.ts';

describe('what callers say of their own retries', () => {
  it.each([
    ['X-Retry-Attempt', '2', true, true],
    ['x-retry-attempt', '10', true, true],
    ['X-Retry-Attempt', '1', false, false],
    ['X-Retry-Attempt', 'often', false, false],
    ['X-Retry-Attempt', '', false, false],
    ['X-Envoy-Attempt-Count', '2', true, false],
    ['X-Envoy-Attempt-Count', '1', false, false],
    ['grpc-previous-rpc-attempts', '1', true, false],
    ['grpc-previous-rpc-attempts', '0', false, false],
    ['Accept-Encoding', '2', false, false],
  ])('RT-9: %s: %j from a trusted peer: asks again: %s, stacked: %s', (name, value, again, stacked) => {
    const x = exchange({ headers: ['Accept', '2', name, value, 'Other', '9'] });
    expect([isCallersRetry(x), isStacked(x)]).toEqual([again, stacked]);
    const stranger = exchange({ headers: [name, value], trusted: false });
    expect([isCallersRetry(stranger), isStacked(stranger)]).toEqual([false, false]);
  });

  it('nothing where there is no such field', () => {
    expect([isCallersRetry(exchange()), isStacked(exchange())]).toEqual([false, false]);
  });
});
