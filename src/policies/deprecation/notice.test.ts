import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deprecation } from '../../core/contract.ts';
import { Notice } from './notice.ts';

const AT = Date.UTC(2026, 0, 31, 12);
const SUNSET = Date.UTC(2026, 10, 6, 8, 49, 37);
const ALL: Deprecation = {
  deprecatedAt: AT,
  sunsetAt: SUNSET,
  successor: 'https://api.example/v2/things',
  info: 'https://docs.example/going',
};
const NOTHING: Deprecation = { deprecatedAt: undefined, sunsetAt: undefined, successor: undefined, info: undefined };

const fields = (deprecation: Deprecation, ...headers: readonly string[]): string[] =>
  new Notice(deprecation).fieldsFor(headers).map(([name, value]) => `${name}: ${value}`);

const DATES = ['Deprecation: @1769860800', 'Sunset: Fri, 06 Nov 2026 08:49:37 GMT'];
const INFO = '<https://docs.example/going>; rel="deprecation"';
const GOING = '<https://docs.example/going>; rel="sunset"';
const NEXT = '<https://api.example/v2/things>; rel="successor-version"';

describe('PC-3: what an answer says of its going away', () => {
  it.each<readonly [title: string, deprecation: Deprecation, said: readonly string[]]>([
    ['all that the contract says', ALL, [...DATES, `Link: ${INFO}, ${GOING}, ${NEXT}`]],
    ['a date alone', { ...NOTHING, deprecatedAt: AT }, ['Deprecation: @1769860800']],
    ['a date before 1970', { ...NOTHING, deprecatedAt: -1000 }, ['Deprecation: @-1']],
    ['a sunset alone', { ...NOTHING, sunsetAt: SUNSET }, ['Sunset: Fri, 06 Nov 2026 08:49:37 GMT']],
    [
      'without a sunset its page is not one about a sunset',
      { ...ALL, sunsetAt: undefined },
      [DATES[0] as string, `Link: ${INFO}, ${NEXT}`],
    ],
    ['a successor alone', { ...NOTHING, successor: '/v2/things' }, ['Link: </v2/things>; rel="successor-version"']],
    ['nothing', NOTHING, []],
  ])('PC-3: %s', (_, deprecation, said) => {
    expect(fields(deprecation)).toEqual(said);
  });

  it.each<readonly [title: string, headers: readonly string[], said: readonly string[]]>([
    ['a Deprecation of its own: no date is added', ['deprecation', '@1'], [`Link: ${INFO}, ${GOING}, ${NEXT}`]],
    ['a Sunset of its own: no date is added', ['Sunset', 'Sat, 01 Jan 2000 00:00:00 GMT'], [`Link: ${INFO}, ${GOING}, ${NEXT}`]],
    ['other links are kept', ['Link', '</p?2>; rel="next"'], [...DATES, `Link: </p?2>; rel="next", ${INFO}, ${GOING}, ${NEXT}`]],
    [
      'links in several fields are kept',
      ['Link', '</p?2>; rel=next', 'link', '</p?1>; rel=prev'],
      [...DATES, `Link: </p?2>; rel=next, </p?1>; rel=prev, ${INFO}, ${GOING}, ${NEXT}`],
    ],
    ['an empty Link', ['Link', ''], [...DATES, `Link: ${INFO}, ${GOING}, ${NEXT}`]],
    [
      'a relation that is there already is not said twice',
      ['Link', '</v3>; rel=successor-version'],
      [...DATES, `Link: </v3>; rel=successor-version, ${INFO}, ${GOING}`],
    ],
    [
      'several relations in one link, in any case',
      ['Link', '</gone>; REL = "Sunset  deprecation"; type="text/html"'],
      [...DATES, `Link: </gone>; REL = "Sunset  deprecation"; type="text/html", ${NEXT}`],
    ],
    ['all of it is there already', ['Deprecation', '@1', 'Link', '</a>; rel="deprecation sunset successor-version"'], []],
    ['other fields are no matter', ['X-Deprecation', '@1', 'Links', 'x'], [...DATES, `Link: ${INFO}, ${GOING}, ${NEXT}`]],
  ])('PC-3: the service says %s', (_, headers, said) => {
    expect(fields(ALL, ...headers)).toEqual(said);
  });

  it('PC-3: whatever a Link says, it is kept whole at the beginning', () => {
    const notice = new Notice(ALL);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>;,"= \trelsunsetx/'.split('')), maxLength: 300 }), (text) => {
        const link = new Map(notice.fieldsFor(['Link', text])).get('Link');
        if (text.trim() !== '' && link !== undefined) expect(link.startsWith(`${text}, <`)).toBe(true);
      }),
    );
  });
});
