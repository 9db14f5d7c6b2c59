import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WARNINGS, asWarnings } from './warning.ts';

const characters = (text: string): number => Array.from(text).length;

describe('a warning', () => {
  it('says who warns', () => {
    expect(asWarnings(['not injected: hostNetwork'])).toEqual(['plumbline: not injected: hostNetwork']);
  });

  it('of 120 characters is whole, a longer one ends in an ellipsis', () => {
    const fits = 'x'.repeat(120 - 'plumbline: '.length);
    expect(asWarnings([fits, `${fits}x`])).toEqual([`plumbline: ${fits}`, `plumbline: ${fits.slice(0, -1)}…`]);
  });

  it('is one line, without what a header field cannot carry', () => {
    expect(asWarnings(['a\r\nSet-Cookie: b\u2028c\u0000\ud800'])).toEqual(['plumbline: a Set-Cookie: b c']);
  });

  it('of a name without end is made in no time', () => {
    const [warning = ''] = asWarnings(['\u202ex'.repeat(5_000_000)]);
    expect(warning).toMatch(/^plumbline: [ x]+…$/);
    expect(characters(warning)).toBe(120);
  });

  it('is said once', () => {
    expect(asWarnings(['a', 'a'])).toEqual(['plumbline: a']);
  });

  it('is one of a few', () => {
    const many = asWarnings(Array.from({ length: 50 }, (_, i) => `w${i}`));
    expect(many).toHaveLength(MAX_WARNINGS);
    expect(many.at(-1)).toBe("plumbline: 43 more warnings stand in the injector's log");
  });

  it('never has more than 120 characters, whatever is said', () => {
    const isFine = (warning: string): boolean => characters(warning) <= 120 && warning.isWellFormed() && !/[\r\n\0]/.test(warning);
    const messages = fc.array(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'aé漢😀\ud83d\u202e\n\0'), maxLength: 300 })), {
      maxLength: 12,
    });
    expect(() => fc.assert(fc.property(messages, (given) => asWarnings(given).every(isFine)))).not.toThrow();
  });
});
