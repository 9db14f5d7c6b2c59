import { describe, expect, it } from 'vitest';
import { exchange } from '../../../test/kit/exchange.ts';
import type { TokenVerdict } from '../../core/credentials.ts';
import { asksForToken, principalOf } from './scope.ts';

const token = (principal: string | undefined): TokenVerdict => ({
  is: 'verified',
  token: { principal, scopes: new Set(), claims: new Map() },
});

function scopeOf(credentials: TokenVerdict | Promise<TokenVerdict> | undefined, ...headers: readonly string[]): string {
  return principalOf(Object.assign(exchange({ headers }), { credentials }), 'principal', ['x-api-key']);
}

describe('whose key it is, where access tokens are verified', () => {
  const a = ['Authorization', 'Bearer a'];
  const b = ['Authorization', 'Bearer b'];

  it('ID-1: whom the token stands for, however often it is renewed', () => {
    expect(scopeOf(token('u1'), ...a)).toBe(scopeOf(token('u1'), ...b));
    expect(scopeOf(token('u1'), ...a)).not.toBe(scopeOf(token('u2'), ...a));
    expect(scopeOf(token('u1'), ...a)).not.toBe(scopeOf(token('u1'), ...a, 'X-API-Key', 'k'));
    expect(scopeOf(token('u1'), ...a)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('ID-1: its bytes, where it stands for nobody or was not found good', () => {
    const unknown: readonly TokenVerdict[] = [
      { is: 'unknown', why: 'keys' },
      { is: 'invalid', detail: 'expired' },
      { is: 'absent' },
      token(undefined),
    ];
    for (const verdict of [...unknown, Promise.resolve(token('u1')), undefined]) {
      expect(scopeOf(verdict, ...a)).toBe(scopeOf(undefined, ...a));
      expect(scopeOf(verdict, ...b)).not.toBe(scopeOf(undefined, ...a));
    }
  });

  it('ID-1: the token is waited for only where it says whose key it is', () => {
    const asks = (scope: Parameters<typeof asksForToken>[1], ...headers: readonly string[]) => asksForToken(exchange({ headers }), scope);
    expect([asks('principal', ...a), asks('shared', ...a)]).toEqual([true, false]);
    expect([asks('header:x-tenant', ...a), asks('header:x-tenant', 'X-Tenant', ''), asks('header:x-tenant', 'X-Tenant', 't')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('ID-1: nobody becomes another by writing down what stands for him', () => {
    expect(scopeOf(undefined, 'Authorization', 'u1')).not.toBe(scopeOf(token('u1'), ...a));
    expect(scopeOf({ is: 'invalid', detail: '' }, 'Authorization', 'u1')).not.toBe(scopeOf(token('u1'), ...a));
  });
});
