import fc from 'fast-check';
import { expect, it } from 'vitest';
import { namedVersion, presentVersion } from './entity-tag.ts';

it.each([
  [['If-Match', '"1"'], '"1"'],
  [['if-match', '""'], '""'],
  [['If-Match', '"a,b;W/c"'], '"a,b;W/c"'],
  [['If-Match', '"é"'], '"é"'],
  [['If-Match', '17'], '17'],
  [['If-Match', '33a64df5=='], '33a64df5=='],
  [[], undefined],
  [['If-Match', '*'], undefined],
  [['If-Match', 'W/"1"'], undefined],
  [['If-Match', '"1", "2"'], undefined],
  [['If-Match', '1, 2'], undefined],
  [['If-Match', '"1"', 'If-Match', '"2"'], undefined],
  [['If-Match', '"1'], undefined],
  [['If-Match', ''], undefined],
  [['If-Match', `"${'x'.repeat(300)}"`], undefined],
])('PC-2: %j names the version %s', (headers, expected) => {
  expect(namedVersion(headers)).toBe(expected);
});

it('PC-2: what an answer says is the present version, weak or not', () => {
  expect([['ETag', 'W/"1"'], ['etag', '"2"'], []].map(presentVersion)).toEqual(['W/"1"', '"2"', undefined]);
});

it('PC-2: names what was sent, or nothing', () => {
  const value = fc.oneof(fc.string({ maxLength: 2000 }), fc.stringMatching(/^(?:W\/)?"[!-~]*"(?:, ?"[!-~]*")?$/));
  fc.assert(fc.property(value, (text) => void expect([undefined, text]).toContain(namedVersion(['If-Match', text]))));
});
