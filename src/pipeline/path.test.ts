import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparablePath, normalPath, pathFault } from './path.ts';

const DOTS = 'the path of the target has a dot segment';
const SLASH = 'the path of the target has an encoded slash';
const BACKSLASH = 'the path of the target has a backslash';
const NUL = 'the path of the target has an encoded NUL';

function normal(path: string): string {
  const result = normalPath(path);
  return typeof result === 'string' ? result : result.detail;
}

describe('HY-2: a path that two readers read alike', () => {
  it.each([
    '/',
    '/a',
    '/a/',
    '//a//',
    '/...',
    '/.well-known/x',
    '/a..b',
    '/a.',
    '/.a',
    '/..a',
    '/%41%7e',
    '/%',
    '/%zz',
    '/%252f',
    '/%2',
    '/;x',
    '/%u2f',
  ])('%s has no fault', (path) => {
    expect(pathFault(path)).toBeUndefined();
  });

  it.each([
    ['/a%2fb', SLASH],
    ['/a%2F', SLASH],
    ['/a%5cb', BACKSLASH],
    ['/a\\b', BACKSLASH],
    ['/.', DOTS],
    ['/..', DOTS],
    ['/a/./b', DOTS],
    ['/a/../b', DOTS],
    ['/a/.%2e/b', DOTS],
    ['/a/%2E%2e', DOTS],
    ['/%2e/', DOTS],
    ['/a/..;x/b', DOTS],
    ['/a/..;', DOTS],
    ['/.;', DOTS],
    ['/%2e.%3Bx', DOTS],
    ['/a%00.png', NUL],
  ])('%s: %s', (path, fault) => {
    expect(pathFault(path)?.detail).toBe(fault);
  });
});

describe('HY-2: a path in normal form', () => {
  it.each([
    ['/', '/'],
    ['/a//b/', '/a//b/'],
    ['/a%2fb', '/a/b'],
    ['/a%5Cb\\c', '/a/b/c'],
    ['/a/./b/../c', '/a/c'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/..', '/'],
    ['/../../a', '/a'],
    ['/a//../b', '/a/b'],
    ['/a/%2e%2e/b', '/b'],
    ['/public%2f..%2fadmin', '/admin'],
    ['/public\\..\\admin', '/admin'],
    ['/%61dmin/%7e%2D%5f', '/admin/~-_'],
    ['/caf%c3%a9%3f', '/caf%C3%A9%3F'],
    ['/%252f', '/%252f'],
    ['/100%', '/100%25'],
    ['/%2%66', '/%252f'],
    ['/%%32%66', '/%252f'],
    ['/.well-known/..a', '/.well-known/..a'],
    ['/a/..;x', DOTS],
    ['/a/%2e.;x', DOTS],
    ['/a%2f..%3bx', DOTS],
    ['/a%00', NUL],
  ])('of %s is %s', (path, expected) => {
    expect(normal(path)).toBe(expected);
  });

  const piece = fc.constantFrom(...'/ . .. %2e %2E %2f %5C \\ % %2 %25 f 5c 2e ; %3b a %41 %zz %c3%a9 ~'.split(' '));
  const path = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

  it('stays as it is, and is a path without a fault', () => {
    fc.assert(
      fc.property(path, (given) => {
        const once = normalPath(given);
        if (typeof once !== 'string') return;
        expect(normalPath(once)).toBe(once);
        expect(pathFault(once)).toBeUndefined();
        expect(once).toMatch(/^\/(?:[^%\\]|%[0-9A-F]{2}|%25)*$/);
      }),
      { numRuns: 5000 },
    );
  });

  it('leaves alone what the rules of a URL leave alone', () => {
    const plain = fc
      .array(fc.constantFrom('a', '..', '.', 'b.c', '...'), { minLength: 1, maxLength: 8 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(plain, (given) => {
        expect(normalPath(given)).toBe(new URL(given, 'http://x').pathname);
      }),
    );
  });
});

describe('a path to compare', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/%61/%3a%25', '/a/:%'],
    ['/a%2fb%5c%00', '/a%2Fb%5C%00'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/%zz%6', '/%zz%6'],
  ])('%s is %s', (path, expected) => {
    expect(comparablePath(path)).toBe(expected);
  });
});
