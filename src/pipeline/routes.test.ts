import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHead, routeSpec } from '../../test/kit/exchange.ts';
import { assembleRoute } from './compile.ts';
import { retryUnsent } from './retry-unsent.ts';
import { type RouteMatch, RouteTable } from './routes.ts';

const named = (name: string) =>
  assembleRoute(routeSpec({ name }), [], [], {
    retryPlan: retryUnsent,
    upstream: undefined,
    rewriting: { stripPrefix: '', host: undefined },
  });

const entry = (name: string, match: Partial<RouteMatch>) => ({
  match: { path: '/', host: undefined, methods: undefined, headers: {}, ...match },
  route: named(name),
});

type Entry = ReturnType<typeof entry>;

function find(entries: readonly Entry[], path: string, more: { method?: string; headers?: readonly string[] } = {}): string {
  return new RouteTable(entries, named('_none')).find(requestHead({ target: path, ...more })).spec.name;
}

describe('the route of a request', () => {
  it.each([
    ['/v1', 'v1'],
    ['/v1/', 'v1'],
    ['/v1/a', 'v1'],
    ['/v1x', '_none'],
    ['/V1', '_none'],
    ['/v1/deep/er', 'deep'],
    ['/v1/deeper', 'v1'],
    ['/slash/x', 'slash'],
    ['/slash', '_none'],
    ['*', '_none'],
  ])('for %s is %s: prefixes of whole segments, the longest', (path, expected) => {
    expect(find([entry('v1', { path: '/v1' }), entry('deep', { path: '/v1/deep' }), entry('slash', { path: '/slash/' })], path)).toBe(
      expected,
    );
  });

  it('for everything is that of /', () => {
    for (const path of ['/', '/a', '*', '']) expect(find([entry('all', { path: '/' })], path)).toBe('all');
  });

  it.each([
    ['billing.example', 'billing'],
    ['BILLING.Example:8080', 'billing'],
    ['other.example', '_none'],
    ['billing.example.evil', '_none'],
    ['[::1]:80', 'v6'],
    ['[::1]', 'v6'],
  ])('looks at Host %s: %s', (host, expected) => {
    const entries = [entry('billing', { host: 'billing.example' }), entry('v6', { host: '[::1]' })];
    expect(find(entries, '/', { headers: ['Host', host] })).toBe(expected);
  });

  it('without a Host is none that asks for one', () => {
    expect(find([entry('billing', { host: 'billing.example' })], '/')).toBe('_none');
  });

  it('looks at methods and at whole header values', () => {
    const entries = [entry('reads', { methods: ['GET', 'HEAD'] }), entry('v2', { headers: { 'x-version': '2' }, methods: ['POST'] })];
    expect(find(entries, '/', { method: 'HEAD' })).toBe('reads');
    expect(find(entries, '/', { method: 'get' })).toBe('_none');
    expect(find(entries, '/', { method: 'POST', headers: ['X-Version', '2'] })).toBe('v2');
    expect(find(entries, '/', { method: 'POST', headers: ['X-Version', '2.0'] })).toBe('_none');
  });

  it('prefers the longest path, then host, then headers, then methods', () => {
    const request = { method: 'GET', headers: ['Host', 'h', 'A', '1', 'B', '2'] };
    const ranked = [
      entry('path', { path: '/v1/a' }),
      entry('host', { path: '/v1', host: 'h' }),
      entry('two headers', { path: '/v1', headers: { a: '1', b: '2' } }),
      entry('one header', { path: '/v1', headers: { a: '1' } }),
      entry('methods', { path: '/v1', methods: ['GET'] }),
      entry('plain', { path: '/v1' }),
    ];
    for (let i = 0; i < ranked.length; i++) expect(find([...ranked].slice(i).reverse(), '/v1/a', request)).toBe(ranked[i]?.route.spec.name);
  });

  it('is the same in whatever order routes are written, and matches the request in all that it names', () => {
    const match: fc.Arbitrary<Partial<RouteMatch>> = fc.record({
      path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/b'),
      host: fc.constantFrom(undefined, 'h', 'g'),
      methods: fc.constantFrom(undefined, ['GET'], ['POST', 'GET']),
      headers: fc.constantFrom({}, { x: '1' }, { x: '1', y: '2' }),
    });
    const request = fc.record({
      path: fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/b', '/ab'),
      method: fc.constantFrom('GET', 'POST', 'PUT'),
      headers: fc.constantFrom([], ['Host', 'h'], ['Host', 'G', 'X', '1'], ['host', 'h:1', 'x', '1', 'y', '2']),
    });
    const several = fc.array(match, { minLength: 1, maxLength: 6 }).chain((matches) => {
      const entries = matches.map((m, i) => entry(`r${i}`, m));
      return fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length }));
    });
    fc.assert(
      fc.property(several, request, ([entries, shuffled], { path, method, headers }) => {
        const found = find(entries, path, { method, headers });
        expect(find(shuffled, path, { method, headers })).toBe(found);
        const taken = entries.find(({ route }) => route.spec.name === found)?.match;
        const alone = entries.filter((e) => find([e], path, { method, headers }) !== '_none');
        if (taken === undefined) expect(alone).toEqual([]);
        else expect(taken.path.length).toBe(Math.max(...alone.map((e) => e.match.path.length)));
      }),
      { numRuns: 1000 },
    );
  });
});
