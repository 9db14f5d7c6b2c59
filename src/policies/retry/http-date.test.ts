import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { httpDateMs } from './http-date.ts';

const NOW = Date.UTC(2026, 0, 1);
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('dates of HTTP (RFC 9110 §5.6.7)', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', EXAMPLE],
    ['Sunday, 06-Nov-94 08:49:37 GMT', EXAMPLE],
    ['Sun Nov  6 08:49:37 1994', EXAMPLE],
    ['Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
    ['Thu, 29 Feb 2024 23:59:59 GMT', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
  ])('RT-6: %j is read', (text, expected) => {
    expect(httpDateMs(text, NOW)).toBe(expected);
  });

  it.each([
    ['Thursday, 01-Jan-26 00:00:00 GMT', 2026],
    ['Thursday, 01-Jan-75 00:00:00 GMT', 2075],
    ['Wednesday, 01-Jan-76 00:00:00 GMT', 2076],
    ['Friday, 02-Jan-76 00:00:00 GMT', 1976],
    ['Saturday, 01-Jan-00 00:00:00 GMT', 2000],
    ['Friday, 01-Jan-99 00:00:00 GMT', 1999],
  ])('RT-6: a year of two digits is never more than 50 years ahead: %s is in %d', (text, year) => {
    expect(new Date(httpDateMs(text, NOW) ?? Number.NaN).getUTCFullYear()).toBe(year);
  });

  it.each([
    '',
    'tomorrow',
    '1994-11-06T08:49:37Z',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 Nov 0094 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Tue, 29 Feb 2023 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun 06-Nov-94 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Son, 06 Nov 1994 08:49:37 GMT',
  ])('RT-6: %j is none', (text) => {
    expect(httpDateMs(text, NOW)).toBeUndefined();
  });

  it('RT-6: whatever is written as one is read as that, in any of the three', () => {
    const seconds = fc.integer({ min: Math.ceil(Date.UTC(1980) / 1000), max: Math.floor(Date.UTC(2070) / 1000) });
    fc.assert(
      fc.property(seconds, (s) => {
        const date = new Date(s * 1000);
        const [day = '', dd = '', month = '', year = '', time = ''] = date.toUTCString().replace(',', '').split(' ');
        const long = date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
        const texts = [
          date.toUTCString(),
          `${long}, ${dd}-${month}-${year.slice(2)} ${time} GMT`,
          `${day} ${month} ${dd.replace(/^0/, ' ')} ${time} ${year}`,
        ];
        for (const text of texts) expect([text, httpDateMs(text, NOW)]).toEqual([text, s * 1000]);
      }),
    );
  });
});
