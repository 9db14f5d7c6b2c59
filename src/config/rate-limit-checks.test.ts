import { describe, expect, it } from 'vitest';
import { Issues } from '../core/schema.ts';
import { rateLimitSchema } from '../policies/rate-limit/config.ts';
import { checkRateLimits } from './rate-limit-checks.ts';
import { storeSchema } from './sections/store.ts';

function warnings(limit: object, store: object = {}): string[] {
  const issues = new Issues();
  const written = [{ name: 'a', rate: 10, ...limit }];
  const at = ['routes', 2, 'policies'];
  const limits = rateLimitSchema.parse(written, [...at, 'rateLimit'], issues);
  checkRateLimits(limits, storeSchema.parse(store, [], issues), at, issues);
  return issues.list.map(({ severity, code, path }) => `${severity} ${code} ${path.join('.')}`);
}

describe('limits that do something else than they look', () => {
  it('RL-3: onStoreError: refuse without a shared store', () => {
    const found = ['warning never_used routes.2.policies.rateLimit.0.onStoreError'];
    expect(warnings({ onStoreError: 'refuse' })).toEqual(found);
    expect(warnings({ onStoreError: 'refuse' }, { kind: 'memory' })).toEqual(found);
    expect(warnings({ onStoreError: 'refuse' }, { kind: 'redis', url: 'redis://a' })).toEqual([]);
  });

  it('RL-5: a queue in which nobody waits', () => {
    expect(warnings({ mode: 'queue', rate: 1, per: '60s' })).toEqual(['warning never_waits routes.2.policies.rateLimit.0.rate']);
    expect(warnings({ mode: 'queue', rate: 2, per: '60s' })).toEqual([]);
  });

  it('RL-2: a window that RateLimit-Policy can only call a second', () => {
    expect(warnings({ rate: 100, burst: 10 })).toEqual(['warning window_under_second routes.2.policies.rateLimit.0.burst']);
    expect([warnings({ rate: 10, burst: 5 }), warnings({}), warnings({ rate: 100, burst: 10, mode: 'queue' })]).toEqual([[], [], []]);
  });

  it('RL-5: the length of a queue that there is not', () => {
    expect(warnings({ queue: 5 })).toEqual(['warning never_used routes.2.policies.rateLimit.0.queue']);
    expect([warnings({ queue: 5, mode: 'queue' }), warnings({ queue: 100 })]).toEqual([[], []]);
  });

  it('RL-2: earlier fields of a limit that callers are not told of', () => {
    const found = ['warning never_used routes.2.policies.rateLimit.0.legacyHeaders'];
    expect(warnings({ legacyHeaders: true, mode: 'queue' })).toEqual(found);
    expect(warnings({ legacyHeaders: true, shadow: true })).toEqual(found);
    expect(warnings({ legacyHeaders: true })).toEqual([]);
  });

  it('nothing is derived from a number that is wrong', () => {
    expect(warnings({ per: '0s' })).toEqual(['error out_of_range routes.2.policies.rateLimit.0.per']);
    expect(warnings({ per: 'minute', queue: 5 })).toEqual(['error wrong_type routes.2.policies.rateLimit.0.per']);
  });
});
