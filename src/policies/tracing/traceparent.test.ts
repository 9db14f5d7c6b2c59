import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceParent, parseTraceParent, shortenBaggage } from './traceparent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('traceparent (W3C Trace Context Level 2, §3.2)', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, '01'],
    [`00-${TRACE}-${SPAN}-00`, '00'],
    [`00-${TRACE}-${SPAN}-03`, '03'],
    [`00-${TRACE}-${SPAN}-ff`, 'ff'],
    [`01-${TRACE}-${SPAN}-01`, '01'],
    [`01-${TRACE}-${SPAN}-ff`, '03'],
    [`fe-${TRACE}-${SPAN}-05-what-the-future-will-be-like`, '01'],
    [`cc-${TRACE}-${SPAN}-01-`, '01'],
  ])('HD: %s is taken over with flags %s', (value, flags) => {
    expect(parseTraceParent(value)).toEqual({ traceId: TRACE, parentId: SPAN, flags });
  });

  it.each([
    ['an invalid version', `ff-${TRACE}-${SPAN}-01`],
    ['zero trace ID', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['zero parent ID', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a tail in version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['a tail without its dash', `01-${TRACE}-${SPAN}-01more`],
    ['a short trace ID', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long parent ID', `00-${TRACE}-${SPAN}0-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['flags that are not hexadecimal', `00-${TRACE}-${SPAN}-0g`],
    ['one digit of version', `0-${TRACE}-${SPAN}-01`],
    ['white space', ` 00-${TRACE}-${SPAN}-01`],
    ['a line end', `01-${TRACE}-${SPAN}-01-a\nb`],
    ['nothing', ''],
    ['a flood', `01-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`],
  ])('HD: %s starts a new trace', (_what, value) => {
    expect(parseTraceParent(value)).toBeUndefined();
  });

  it('HD: what is written is what is read', () => {
    const hex = (digits: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
    fc.assert(
      fc.property(hex(32), hex(16), hex(2), (traceId, parentId, flags) => {
        fc.pre(/[1-9a-f]/.test(traceId) && /[1-9a-f]/.test(parentId));
        expect(parseTraceParent(formatTraceParent(traceId, parentId, flags))).toEqual({ traceId, parentId, flags });
      }),
    );
  });
});

describe('baggage', () => {
  it('HD: within 64 members and 8192 bytes is not touched', () => {
    for (const value of ['', 'a=1', Array(64).fill('k=v').join(','), 'x'.repeat(8192)]) expect(shortenBaggage(value)).toBeUndefined();
  });

  it('HD: over 64 members loses whole members from the end', () => {
    const members = Array.from({ length: 70 }, (_, i) => `k${i}=v`);
    expect(shortenBaggage(members.join(','))).toBe(members.slice(0, 64).join(','));
  });

  it('HD: over 8192 bytes loses whole members from the end', () => {
    const members = Array.from({ length: 10 }, (_, i) => `k${i}=${'v'.repeat(1000)}`);
    expect(shortenBaggage(members.join(','))).toBe(members.slice(0, 8).join(','));
  });

  it('HD: keeps a member that ends exactly at the limit', () => {
    const full = `a=${'v'.repeat(8190)}`;
    expect(shortenBaggage(`${full},b=1`)).toBe(full);
    expect(shortenBaggage(`${full}v,b=1`)).toBe('');
  });

  it('HD: whose first member is too long is empty', () => {
    expect(shortenBaggage(`a=${'v'.repeat(9000)},b=1`)).toBe('');
  });

  it('HD: keeps the longest row of whole members that both limits allow', () => {
    const member = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.integer({ min: 100, max: 3000 }).map((n) => 'v'.repeat(n)),
    );
    const list = fc.array(
      member.map((m) => m.replaceAll(',', ';')),
      { minLength: 1, maxLength: 90 },
    );
    fc.assert(
      fc.property(list, (members) => {
        const value = members.join(',');
        const fits = (n: number): boolean => n <= 64 && members.slice(0, n).join(',').length <= 8192;
        let most = 0;
        while (most < members.length && fits(most + 1)) most += 1;
        expect(shortenBaggage(value) ?? value).toBe(members.slice(0, most).join(','));
      }),
    );
  });
});
