import { describe, expect, it } from 'vitest';
import { type Given, exchange } from '../../../test/kit/exchange.ts';
import { Issues } from '../../core/schema.ts';
import { type RateLimitConfig, rateLimitSchema } from './config.ts';
import { LimitKey } from './limit-key.ts';

function keyOf(key: string | string[], given: Given = {}, consumer = 'unknown'): string {
  const [limit] = rateLimitSchema.parse([{ name: 'one', rate: 1, key }], [], new Issues());
  const x = exchange(given);
  x.consumer = { name: consumer, version: '1' };
  return new LimitKey('r', limit as RateLimitConfig).of(x);
}

const tenant = (...values: string[]): Given => ({ headers: values.flatMap((value) => ['X-Tenant', value]) });

describe('what requests are told apart by', () => {
  it('RL-1: the consumer’s name, whatever its version', () => {
    expect(keyOf('consumer', {}, 'shop')).not.toBe(keyOf('consumer', {}, 'desk'));
    expect(keyOf('consumer', { address: '10.0.0.1' }, 'shop')).toBe(keyOf('consumer', { address: '10.0.0.2' }, 'shop'));
  });

  it('RL-1: the peer', () => {
    expect(keyOf('peer', { address: '10.0.0.1' }, 'a')).toBe(keyOf('peer', { address: '10.0.0.1' }, 'b'));
    expect(keyOf('peer', { address: '10.0.0.1' })).not.toBe(keyOf('peer', { address: '10.0.0.2' }));
  });

  it('RL-1: the operation', () => {
    expect(keyOf('operation', { target: '/a' })).toBe(keyOf('operation', { target: '/b' }));
    expect(keyOf('operation')).toContain('_unmatched');
  });

  it('RL-1: a header, in any case of its name; one that is absent is a value of its own', () => {
    expect(keyOf('header:X-Tenant', { headers: ['x-TENANT', 'a'] })).toBe(keyOf('header:x-tenant', tenant('a')));
    const all = [
      keyOf('header:X-Tenant'),
      keyOf('header:X-Tenant', tenant('')),
      keyOf('header:X-Tenant', tenant('a')),
      keyOf('header:X-Tenant', tenant('a', 'b')),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it('RL-1: several together; no two requests that differ share a key', () => {
    const parts = ['consumer', 'header:X-Tenant'];
    expect(keyOf(parts, tenant('a'), 'x')).not.toBe(keyOf(parts, tenant('b'), 'x'));
    expect(keyOf(parts, tenant('a'), 'x')).not.toBe(keyOf(parts, tenant('a'), 'y'));
    expect(keyOf(parts, tenant('-'), 'x')).not.toBe(keyOf(parts, {}, 'x'));
  });

  it('RL-1: a header’s value is never in a key, and a key is never long', () => {
    const long = 'v'.repeat(16_000);
    const key = keyOf('header:Authorization', { headers: ['Authorization', `Bearer ${long}`] });
    expect(key).not.toContain('vvv');
    expect(key.length).toBeLessThan(100);
    const many = keyOf(Array.from({ length: 30 }, (_, i) => `header:X-${i}`));
    const wide = keyOf(
      Array.from({ length: 30 }, (_, i) => `header:X-${i}`),
      { headers: Array.from({ length: 30 }, (_, i) => [`X-${i}`, long]).flat() },
    );
    expect(wide.length).toBeLessThan(100);
    expect(wide).not.toBe(many);
  });
});
