import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMultipleOf } from './multiple-of.ts';
import { hasUniqueItems } from './unique-items.ts';

describe('isMultipleOf', () => {
  it.each<readonly [value: number, step: number, is: boolean]>([
    [19.99, 0.01, true],
    [0.3, 0.1, true],
    [1.005, 0.01, false],
    [7, 2, false],
    [-4, 2, true],
    [0, 0.1, true],
    [1e-7, 1e-8, true],
    [1.5e-7, 1e-7, false],
    [1e22, 7, false],
    [1e22, 8, true],
    [4.35, 0.05, true],
  ])('%d of %d', (value, step, is) => {
    expect(isMultipleOf(value, step)).toBe(is);
  });

  it('holds for any decimal', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 1, max: 6 }), (n, places) => {
        const step = Number(`1e-${places}`);
        expect(isMultipleOf(Number(`${n}e-${places}`), step)).toBe(true);
        expect(isMultipleOf(Number(`${n}5e-${places + 1}`), step)).toBe(false);
      }),
    );
  });
});

describe('hasUniqueItems', () => {
  it('is what comparing every pair would say', () => {
    const small = fc.jsonValue({ maxDepth: 2 });
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([k, v]) => [k, sorted(v)]),
            )
          : value;
    fc.assert(
      fc.property(fc.array(small, { maxLength: 6 }), (items) => {
        const texts = items.map((item) => JSON.stringify(sorted(item)));
        expect(hasUniqueItems(JSON.parse(JSON.stringify(items)) as unknown[])).toBe(new Set(texts).size === items.length);
      }),
    );
  });

  it('tells text from what looks like it', () => {
    expect(hasUniqueItems(['\0{"a":1}', { a: 1 }, '1', 1, 'null', null])).toBe(true);
    expect(hasUniqueItems([1, 1])).toBe(false);
    expect(hasUniqueItems([-0, 0])).toBe(false);
  });
});
