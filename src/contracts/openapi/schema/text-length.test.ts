import fc from 'fast-check';
import { expect, it } from 'vitest';
import { codePoints, isLongerThan, isShorterThan } from './text-length.ts';

const units = fc.array(fc.oneof(fc.constantFrom(0x41, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xffff), fc.integer({ min: 0, max: 0xffff })), {
  maxLength: 12,
});
const text = units.map((codes) => String.fromCharCode(...codes));

it('counts what a string iterator counts', () => {
  fc.assert(
    fc.property(text, (s) => {
      expect(codePoints(s)).toBe([...s].length);
    }),
  );
});

it('limits are those of the count', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 14 }), (s, n) => {
      expect([isLongerThan(s, n), isShorterThan(s, n)]).toEqual([[...s].length > n, [...s].length < n]);
    }),
  );
});
