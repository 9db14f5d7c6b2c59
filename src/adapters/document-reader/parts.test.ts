import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assembly, partsOf } from './parts.ts';

/** As they come over: cloned, one by one. */
function over(value: unknown): { readonly value: unknown; readonly sizes: readonly number[] } {
  const assembly = new Assembly();
  const sizes: number[] = [];
  for (const part of partsOf(value)) {
    sizes.push(JSON.stringify(part).length);
    assembly.put(structuredClone(part));
  }
  return { value: assembly.value, sizes };
}

const record = (i: number): unknown => ({ i, more: [i, { text: 'x'.repeat(10) }] });

describe('a value in parts', () => {
  it('is the same value, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(isDeepStrictEqual(over(value).value, value)).toBe(true);
      }),
    );
  });

  it('comes in pieces that are all small, in its own order', () => {
    const value = {
      b: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, record(i)])),
      a: Array.from({ length: 20_000 }, (_, i) => record(i)),
      last: { deep: { deeper: Array.from({ length: 9000 }, (_, i) => i) } },
    };
    const { value: arrived, sizes } = over(value);
    expect(JSON.stringify(arrived)).toBe(JSON.stringify(value));
    expect(sizes.length).toBeGreaterThan(30);
    expect(Math.max(...sizes)).toBeLessThan(200_000);
  });

  it('keeps names that objects inherit', () => {
    const many = JSON.stringify(Array.from({ length: 5000 }, (_, i) => i));
    const value = JSON.parse(`{"__proto__":{"constructor":${many}},"x":{"__proto__":1}}`) as object;
    const arrived = over(value).value as object;
    expect(Object.keys(arrived)).toEqual(['__proto__', 'x']);
    expect(JSON.stringify(arrived)).toBe(JSON.stringify(value));
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
  });

  it('is one piece where something stands at two places, as aliases of YAML do', () => {
    const shared = Array.from({ length: 9000 }, (_, i) => i);
    const { value, sizes } = over({ a: shared, b: shared });
    expect(sizes).toHaveLength(1);
    expect((value as { a: unknown }).a).toBe((value as { b: unknown }).b);
  });
});
