import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RE2JS } from 're2js';
import { costOf } from './cost.ts';
import { checkPattern, patternOf } from './engine.ts';
import { parsePattern } from './parse.ts';
import { toRe2 } from './translate.ts';

describe('what a pattern is worth', () => {
  it.each([
    ['^[a-z]{3}$', 'fine'],
    ['^(?=.*[a-z])(?=.*\\d).{8,}$', 'fine'],
    ['^(a+)+$', 'fine'],
    ['^\\p{L}+$', 'fine'],
    ['(a|b)*\\1', 'unjudged'],
    ['^(?!x)(a+)+$', 'unjudged'],
    ['^[\\w-.]+$', 'legacy'],
    ['\\Afoo\\z', 'invalid'],
    ['[[:alpha:]]', 'invalid'],
    ['(?i)abc', 'invalid'],
    ['^\\p{Alnum}+$', 'invalid'],
    ['^[A-Z&&[^X]]$', 'invalid'],
    ['(', 'invalid'],
  ])('%s', (source, is) => {
    expect(checkPattern(source).is).toBe(is);
  });
});

describe('patterns of older tools, valid only without the Unicode flag', () => {
  it.each([
    ['^[\\w-.]{3}$', 'a-.', true],
    ['^\\d{3}\\-\\d{2}$', '123-45', true],
    ['^[^\\@]{2}$', '😀😀', true],
    ['^[^\\@]{2}$', '😀', true],
    ['^[^\\@]{3}$', '😀😀', false],
  ])('%s on %s: %s', (source, text, fits) => {
    expect(checkPattern(source).is).toBe('legacy');
    expect(patternOf(source).test(text)).toBe(fits);
  });
});

describe('the cost of backtracking', () => {
  it.each<readonly [source: string, degree: number | undefined]>([
    ['^abc$', 0],
    ['abc', 1],
    ['^a+$', 1],
    ['a+', 2],
    ['^a+b*c{2,}$', 3],
    ['^(?:[A-Za-z0-9]{4})*$', 1],
    ['^a?b?c?$', 0],
    ['^(?:a+|b+)$', 1],
    ['^(a+)+$', undefined],
    ['^(a|ab)*$', undefined],
    ['^a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?$', undefined],
    ['(a)\\1', undefined],
  ])('%s', (source, degree) => {
    expect(costOf(parsePattern(source, 'u'))?.degree).toBe(degree);
  });
});

describe('any pattern takes little time', () => {
  it.each([
    ['^(a+)+$', `${'a'.repeat(100_000)}b`],
    ['^(a|aa)+$', `${'a'.repeat(100_000)}b`],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['a*a*a*a*b', 'a'.repeat(20_000)],
    ['\\s*\\s*$', `${' '.repeat(50_000)}x`],
  ])('%s', (source, text) => {
    const before = process.cpuUsage().user;
    patternOf(source).test(text);
    expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
  });
});

describe('the linear engine', () => {
  it.each([
    ['^.$', ['a', '\n', '\r', '\u2028', '😀', '']],
    ['^\\s$', [' ', '\u00a0', '\ufeff', '\u2003', 'x', '\u000b']],
    ['^\\S$', [' ', '\u00a0', 'x']],
    ['^[\\s\\d-]$', ['\u00a0', '5', '-', 'a']],
    ['^[^]$', ['a', '\n']],
    ['^[]$', ['a', '']],
    ['^\\u{1F600}|\\uD83D\\uDE01$', ['😀', '😁']],
    ['^[\\]\\\\^-]$', [']', '\\', '^', '-', 'a']],
    ['^a{2}b{1,}c{0,2}$', ['aab', 'aabbcc', 'ab', 'aabccc']],
    ['^\\cJ\\x41\\t$', ['\nA\t', 'J']],
    ['^(?<n>a|b)$', ['a', 'c']],
    ['^\\p{Lu}\\P{Lu}$', ['Aa', 'aA']],
    ['\\bfoo\\b', ['a foo b', 'afoo']],
    ['^\\$\\.\\*$', ['$.*', 'x']],
  ])('%s means the same', (source, texts) => {
    const linear = RE2JS.compile(toRe2(parsePattern(source, 'u')));
    for (const text of texts) expect(linear.test(text), JSON.stringify(text)).toBe(new RegExp(source, 'u').test(text));
  });

  const atom = fc.constantFrom('a', 'b', '.', '\\d', '\\s', '\\w', '[ab]', '[^a]', '(a|b)', '(?:ab)', '\\.', '\\u0041');
  const repeat = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '*?');
  const pattern = fc.array(fc.tuple(atom, repeat), { maxLength: 6 }).map((parts) => `^${parts.map((p) => p.join('')).join('')}$`);

  it('agrees with the native one', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', ' ', '.', '\n', '\u00a0', '😀'), maxLength: 8 }),
        (source, text) => {
          expect(RE2JS.compile(toRe2(parsePattern(source, 'u'))).test(text)).toBe(new RegExp(source, 'u').test(text));
        },
      ),
      { numRuns: 500 },
    );
  });
});
