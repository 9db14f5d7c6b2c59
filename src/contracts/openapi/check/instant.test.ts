import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instantMs } from './instant.ts';

const iso = (text: string): string | undefined => {
  const ms = instantMs(text);
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

it.each<readonly [text: string, instant: string]>([
  ['2026-11-30T23:59:58Z', '2026-11-30T23:59:58.000Z'],
  ['2026-11-30t23:59:58z', '2026-11-30T23:59:58.000Z'],
  ['2026-11-30T23:59:58.999Z', '2026-11-30T23:59:58.000Z'],
  ['2026-11-30T01:00:00+02:30', '2026-11-29T22:30:00.000Z'],
  ['2026-11-30T23:00:00-02:30', '2026-12-01T01:30:00.000Z'],
  ['2026-11-30T00:00:00-00:00', '2026-11-30T00:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['2026-11-30', '2026-11-30T00:00:00.000Z'],
])('PC-3: %s is %s', (text, instant) => {
  expect(iso(text)).toBe(instant);
});

it.each([
  '',
  '2026',
  '2026-11',
  '2026-02-29',
  '2026-11-31T00:00:00Z',
  '2026-13-01',
  '2026-11-30T00:00:00',
  '2026-11-30T24:00:00Z',
  '2026-11-30T00:60:00Z',
  '2026-11-30 00:00:00Z',
  '2026-11-30T00:00Z',
  '2026-11-30T00:00:00+0200',
  ' 2026-11-30',
  'Mon, 30 Nov 2026 00:00:00 GMT',
  '1796000000',
])('PC-3: %j is no date of RFC 3339', (text) => {
  expect(iso(text)).toBeUndefined();
});

it('PC-3: reads what a date writes', () => {
  const date = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
  fc.assert(fc.property(date, (at) => void expect(instantMs(at.toISOString())).toBe(Math.floor(at.getTime() / 1000) * 1000)));
});
