import fc from 'fast-check';
import { expect, test } from 'vitest';
import { substitute } from './variables.ts';

const ENV = { A: 'a', EMPTY: '', REF: `$\{A}`, LONG: 'x'.repeat(40_000) };

/** `${…}`, written so that it is plain in the source of this test. */
const ref = (inside: string): string => `$\{${inside}}`;

test.each([
  [ref('A'), 'a'],
  [`x${ref('A')}y${ref('A')}`, 'xaya'],
  [ref('EMPTY'), ''],
  [ref('EMPTY:-d'), 'd'],
  [ref('A:-d'), 'a'],
  [ref('NONE:-d'), 'd'],
  [ref('NONE:-'), ''],
  [ref('NONE:-a:-b'), 'a:-b'],
  [ref('REF'), ref('A')],
  [`$${ref('A')}`, ref('A')],
  ['$A $ {A} }', '$A $ {A} }'],
])('%s', (text, expected) => {
  expect(substitute(text, ENV)).toEqual({ text: expected });
});

test.each([
  [ref('NONE'), 'unset_variable'],
  [ref('toString'), 'unset_variable'],
  [ref(''), 'malformed_variable'],
  [ref('A B'), 'malformed_variable'],
  [ref('1A'), 'malformed_variable'],
  [ref('A:+x'), 'malformed_variable'],
  [`$\{A`, 'malformed_variable'],
  [ref('LONG').repeat(2), 'too_long'],
])('%s is refused', (text, code) => {
  expect(substitute(text, ENV)).toMatchObject({ fault: { code } });
});

test('text without a dollar passes as it is, any other never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.stringMatching(/^[${}A:-]*$/), (plain, odd) => {
      if (!plain.includes('$')) expect(substitute(plain, ENV)).toEqual({ text: plain });
      expect(Object.keys(substitute(odd, ENV))).toHaveLength(1);
    }),
  );
});
