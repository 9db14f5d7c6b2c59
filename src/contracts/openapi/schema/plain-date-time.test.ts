import { fullFormats } from 'ajv-formats/dist/formats.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Formats } from './formats.ts';
import { isPlainDateTime } from './plain-date-time.ts';

const reference = fullFormats['date-time'] as { validate(text: string): boolean };
const formats = new Formats('assert', '3.1');

describe('date-times of the usual form', () => {
  it.each(['2026-06-11T12:30:00Z', '0000-01-01T00:00:00Z', '9999-12-28T23:59:59.999999999Z', '2026-06-11T12:30:00.1Z'])('%s', (text) => {
    expect(isPlainDateTime(text)).toBe(true);
    expect(reference.validate(text)).toBe(true);
  });

  it.each(['2026-06-11T12:30:00+02:00', '2026-06-30T12:30:00Z', '2016-12-31T23:59:60Z', '2026-06-11t12:30:00z', '2026-06-11 12:30:00Z'])(
    '%s is left to the full check, which takes it',
    (text) => {
      expect(isPlainDateTime(text)).toBe(false);
      expect(formats.accepts('date-time', text, false)).toBe(true);
    },
  );

  it('are never such as the full check refuses, whatever is changed in one', () => {
    const usual = fc.constantFrom('2026-06-11T12:30:00Z', '2026-02-28T23:59:59.123456Z', '1999-12-01T00:00:00.0Z');
    const character = fc.oneof(fc.constantFrom(...'0123456789-:.TZtz+ /;'), fc.string({ minLength: 0, maxLength: 2 }));
    fc.assert(
      fc.property(usual, fc.nat(26), fc.nat(2), character, (text, at, length, by) => {
        const changed = text.slice(0, at) + by + text.slice(at + length);
        expect(formats.accepts('date-time', changed, false)).toBe(reference.validate(changed));
        if (isPlainDateTime(changed)) expect(reference.validate(changed)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});
