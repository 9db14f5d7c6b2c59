import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INVALID, headerKey, parseKey } from './key.ts';

describe('the key in a header', () => {
  it.each([
    ['pay_2026_06_11_0001', 'pay_2026_06_11_0001'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"two words"', 'two words'],
    [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['a"b', 'a"b'],
    ['!', '!'],
    ['~', '~'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('ID-1: %s is a key', (value, key) => {
    expect(parseKey(value)).toBe(key);
  });

  it.each(['', '""'])('ID-1: %j is none', (value) => {
    expect(parseKey(value)).toBeUndefined();
  });

  it.each([
    'x'.repeat(256),
    `"${'x'.repeat(256)}"`,
    'two words',
    'tab\there',
    'caf\xe9',
    'del\x7f',
    '"never closed',
    '"',
    String.raw`"ends in \"`,
    String.raw`"a\n"`,
    '"a\x7f"',
    '"caf\xe9"',
    '"a";version=1',
    '"a", "b"',
    '"a" ',
  ])('ID-1: %j is not valid', (value) => {
    expect(parseKey(value)).toBe(INVALID);
  });

  it('ID-1: quoted and bare are one key, and every printable text can be quoted (RFC 9651 §3.3.3)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 }), (text) => {
        expect(parseKey(`"${text.replace(/["\\]/g, '\\$&')}"`)).toBe(text);
        if (!text.includes(' ') && !text.startsWith('"')) expect(parseKey(text)).toBe(text);
      }),
    );
  });

  it('ID-1: a field that stands twice is not valid, whatever it says', () => {
    expect(headerKey(['Idempotency-Key', 'a', 'X', 'y', 'idempotency-key', 'a'], 'idempotency-key')).toBe(INVALID);
    expect(headerKey(['Idempotency-Key', '', 'idempotency-key', 'a'], 'idempotency-key')).toBe(INVALID);
    expect(headerKey(['X', 'y', 'IDEMPOTENCY-KEY', 'a'], 'idempotency-key')).toBe('a');
    expect(headerKey(['X', 'y'], 'idempotency-key')).toBeUndefined();
  });
});
