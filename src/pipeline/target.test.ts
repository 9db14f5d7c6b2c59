import { describe, expect, it } from 'vitest';
import { requestHead } from '../../test/kit/exchange.ts';
import { splitTarget, upstreamTarget } from './target.ts';

describe('a request target taken apart', () => {
  it.each([
    ['/', '/', ''],
    ['/a/b?x=1&y', '/a/b', 'x=1&y'],
    ['/a?', '/a', ''],
    ['/a?x?y', '/a', 'x?y'],
    ['//a', '//a', ''],
    ['/a%2Fb%3Fc', '/a%2Fb%3Fc', ''],
    ['http://host', '/', ''],
    ['http://host/a?x', '/a', 'x'],
    ['http://host?x', '/', 'x'],
    ['HTTPS://user@host:8080/a', '/a', ''],
    ['*', '*', ''],
    ['host:443', 'host:443', ''],
    ['/a?u=http://other/b', '/a', 'u=http://other/b'],
    ['', '', ''],
  ])('%j: path %j, query %j', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query });
  });
});

describe('the target that the upstream gets', () => {
  const sent = (target: string, stripPrefix = ''): string =>
    upstreamTarget(requestHead({ target, ...splitTarget(target) }), { stripPrefix, host: undefined });

  it.each([
    ['/a?x=1', '', '/a?x=1'],
    ['/a%2F?', '', '/a%2F?'],
    ['*', '/dns', '*'],
    ['http://host/a?x', '', '/a?x'],
    ['http://host', '', '/'],
    ['http://host/a?', '', '/a?'],
    ['/dns/zones?x=1', '/dns', '/zones?x=1'],
    ['/dns', '/dns', '/'],
    ['/dns?x', '/dns', '/?x'],
    ['/dns/', '/dns', '/'],
    ['/dnsx/zones', '/dns', '/dnsx/zones'],
    ['/other', '/dns', '/other'],
    ['http://host/dns/zones?x', '/dns', '/zones?x'],
  ])('of %s without %j: %s', (target, stripPrefix, expected) => {
    expect(sent(target, stripPrefix)).toBe(expected);
  });
});
