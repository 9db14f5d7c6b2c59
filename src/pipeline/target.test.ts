import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHead } from '../../test/kit/exchange.ts';
import { comparablePath } from './path.ts';
import { type PathMode, type SplitTarget, targetSplitter, upstreamPath, upstreamTarget } from './target.ts';

/** What is wrong with the target, or its parts. */
function split(target: string, mode: PathMode = 'reject'): SplitTarget | string {
  const result = targetSplitter(mode)(target);
  return 'code' in result ? `${result.code}: ${result.detail}` : result;
}

describe('a request target taken apart', () => {
  it.each([
    ['/', '/', ''],
    ['/a/b?x=1&y', '/a/b', 'x=1&y'],
    ['/a?', '/a', ''],
    ['/a?x?y', '/a', 'x?y'],
    ['//a', '//a', ''],
    ['/a%3Fc', '/a%3Fc', ''],
    ['/a?../%2f\\', '/a', '../%2f\\'],
    ['http://host', '/', ''],
    ['http://host/a?x', '/a', 'x'],
    ['http://host?x', '/', 'x'],
    ['HTTPS://host:8080/a', '/a', ''],
    ['*', '*', ''],
    ['host:443', 'host:443', ''],
    ['/a?u=http://other/b', '/a', 'u=http://other/b'],
    ['', '', ''],
  ])('%j: path %j, query %j', (target, path, query) => {
    expect(split(target)).toEqual({ target, path, query });
    expect(split(target, 'normalise')).toEqual({ target, path, query });
  });

  it.each([
    ['/a/../b?x', 'the path of the target has a dot segment'],
    ['http://host/a%2fb', 'the path of the target has an encoded slash'],
    ['http://host/..', 'the path of the target has a dot segment'],
    ['/a\\b', 'the path of the target has a backslash'],
    ['/%2e%2e', 'the path of the target has a dot segment'],
  ])('HY-2: %s is refused: %s', (target, why) => {
    expect(split(target)).toBe(`MALFORMED_REQUEST: ${why}`);
  });

  it.each([
    ['/a/../b?x/../y', '/b?x/../y', '/b', 'x/../y'],
    ['http://Host:1/a%2fb?', 'http://Host:1/a/b?', '/a/b', ''],
    ['/%61', '/a', '/a', ''],
    ['http://host/..?x', 'http://host/?x', '/', 'x'],
  ])('HY-2: %s is made %s', (target, made, path, query) => {
    expect(split(target, 'normalise')).toEqual({ target: made, path, query });
  });
});

describe('the target that the upstream gets', () => {
  const sent = (target: string, stripPrefix = '', method = 'GET', mode: PathMode = 'reject'): string =>
    upstreamTarget(requestHead({ method, ...(split(target, mode) as SplitTarget) }), { stripPrefix, host: undefined });

  it.each([
    ['/a?x=1', '', '/a?x=1'],
    ['/a%3F?', '', '/a%3F?'],
    ['*', '/dns', '*'],
    ['http://host/a?x', '', '/a?x'],
    ['http://host', '', '/'],
    ['http://host/a?', '', '/a?'],
    ['/dns/zones?x=1', '/dns', '/zones?x=1'],
    ['/dns', '/dns', '/'],
    ['/dns?x', '/dns', '/?x'],
    ['/dns/', '/dns', '/'],
    ['/dnsx/zones', '/dns', '/dnsx/zones'],
    ['/dns%2a/zones', '/dns', '/dns%2a/zones'],
    ['/other', '/dns', '/other'],
    ['/a/dns', '/dns', '/a/dns'],
    ['/a', '/', '/a'],
    ['http://host/dns/zones?x', '/dns', '/zones?x'],
    ['/%64ns/%7a', '/dns', '/%7a'],
    ['/%64ns', '/dns', '/'],
    ['/d/%6e/s', '/d/n', '/s'],
    ['/dns/a', '/%64ns', '/dns/a'],
    ['/dns/%61', '/%64ns', '/%61'],
  ])('of %s without %j: %s', (target, stripPrefix, expected) => {
    expect(sent(target, stripPrefix)).toBe(expected);
  });

  it('of OPTIONS for a whole server is * (RFC 9112 §3.2.4)', () => {
    expect(sent('http://host', '', 'OPTIONS')).toBe('*');
    expect(sent('http://host/', '', 'OPTIONS')).toBe('/');
    expect(sent('http://host?x', '', 'OPTIONS')).toBe('/?x');
    expect(sent('/', '', 'OPTIONS')).toBe('/');
  });

  const piece = fc.constantFrom(...'/ . .. %2e %2f %5c \\ % %25 2f ; dns /dns %64ns /a ? ?x b'.split(' '));
  const target = fc
    .tuple(fc.constantFrom('/', 'http://h/', 'http://h', '/dns', '/%64ns/'), fc.array(piece, { maxLength: 10 }))
    .map(([start, pieces]) => start + pieces.join(''));

  it('HY-2: has the path that was matched, and its query', () => {
    fc.assert(
      fc.property(target, fc.constantFrom<PathMode>('reject', 'normalise'), (given, mode) => {
        const parts = split(given, mode);
        if (typeof parts === 'string') return;
        expect(split(parts.target, mode)).toEqual(parts);
        const mark = given.indexOf('?');
        const query = mark < 0 ? '' : given.slice(mark);
        expect(sent(given, '', 'GET', mode)).toBe(parts.path + query);
        const stripped = upstreamPath(parts.path, '/dns');
        expect(sent(given, '/dns', 'GET', mode)).toBe(stripped + query);
        // As text, or as what it stands for, the prefix and the rest are the path again.
        const whole = comparablePath(parts.path);
        const rest = comparablePath(stripped);
        expect([rest, `/dns${rest}`, `/dns${rest}`.slice(0, -1)]).toContain(whole);
      }),
      { numRuns: 5000 },
    );
  });
});
