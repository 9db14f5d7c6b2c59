import { expect, it } from 'vitest';
import { Decimal } from './decimal.ts';
import { shownValue } from './shown-value.ts';

it.each<readonly [value: unknown, shown: string | undefined]>([
  ['text', '"text"'],
  ['', '""'],
  [1.5, '1.5'],
  [null, 'null'],
  [false, 'false'],
  [Decimal.of('9007199254740993'), '9007199254740993'],
  ['a\nb\u0000"\\', '"a\\nb\\u0000\\"\\\\"'],
  ['\u2028\u202e\u0085\ud800', '"\\u2028\\u202e\\u0085\\ud800"'],
  ['x'.repeat(1000), `"${'x'.repeat(99)}…`],
  [{ a: 1 }, undefined],
  [[1], undefined],
  [undefined, undefined],
])('%j', (value, shown) => {
  expect(shownValue(value)).toBe(shown);
});
