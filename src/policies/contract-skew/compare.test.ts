import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareVersions } from './compare.ts';

it.each([
  ['1.4.2', '1.4.2', 'same'],
  ['1.4', '1.4.2', 'same'],
  ['1.4.0', '1.4.9', 'same'],
  ['1', '1.9.0', 'same'],
  ['v1.4', '1.4.2', 'same'],
  ['1.4.2-beta.1', '1.4.2+build', 'same'],
  ['1.3', '1.4.2', 'behind_minor'],
  ['1.9', '1.10.0', 'behind_minor'],
  ['1.5.0', '1.4.9', 'ahead_minor'],
  ['1.99.9', '2.0.0', 'behind_major'],
  ['1', '2', 'behind_major'],
  ['3.0', '2.9.1', 'ahead_major'],
  ['10', '9.0.0', 'ahead_major'],
  ['0.1', '0.2', 'behind_minor'],
  ['2026-01-31', '2026-01-31', 'same'],
  ['2026-01-31', '2026-05-01', 'not_comparable'],
  ['latest', '1.0.0', 'not_comparable'],
  ['1.0.0', 'draft', 'not_comparable'],
  ['1.x', '1.4', 'not_comparable'],
  ['1.2.3.4', '1.4', 'not_comparable'],
  ['', '1', 'not_comparable'],
  ['9999999999.1', '1', 'not_comparable'],
])('a consumer built on %s, with %s in force: %s', (declared, inForce, skew) => {
  expect(compareVersions(declared, inForce)).toBe(skew);
});

it('who is behind sees the other ahead', () => {
  const other = (skew: string): string => skew.replace(/^(behind|ahead)/, (way) => (way === 'behind' ? 'ahead' : 'behind'));
  const version = fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
  fc.assert(fc.property(version, version, (a, b) => void expect(compareVersions(b, a)).toBe(other(compareVersions(a, b)))));
});
