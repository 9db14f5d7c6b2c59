import { describe, expect, it } from 'vitest';
import { Issues } from '../core/schema.ts';
import { rateLimitSchema } from '../policies/rate-limit/config.ts';
import { checkRateLimits } from './rate-limit-checks.ts';
import { storeSchema } from './sections/store.ts';

function warnings(limit: object, store: object = {}): string[] {
  const issues = new Issues();
  const limits = rateLimitSchema.parse([{ name: 'a', rate: 10, ...limit }], [], issues);
  checkRateLimits(limits, storeSchema.parse(store, [], issues), ['routes', 2, 'policies'], issues);
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
});
