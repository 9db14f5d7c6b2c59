import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHead, routeSpec } from '../../test/kit/exchange.ts';
import { AskedTypes, routeMediaType } from './asked-types.ts';
import { assembleRoute } from './compile.ts';
import { RouteTable } from './routes.ts';

const ends = { retryPlan: { keepBytes: 0, next: () => undefined }, upstream: undefined, rewriting: { stripPrefix: '', host: undefined } };
const named = (name: string) => assembleRoute(routeSpec({ name }), [], [], ends);
const NONE = { path: '/', host: undefined, methods: undefined, headers: {} };

/** Routes of one listener by the media type that each is called by; `plain` takes what names none of them. */
function found(types: readonly string[], ...headers: readonly string[]): string {
  const entries = [...types, undefined].map((mediaType) => ({ match: { ...NONE, mediaType }, route: named(mediaType ?? 'plain') }));
  const both = [entries, [...entries].reverse()].map(
    (order) => new RouteTable(order, named('_none')).find(requestHead({ headers })).spec.name,
  );
  expect(both[0]).toBe(both[1]);
  return both[0] as string;
}

const V1 = 'application/vnd.b.v1+json';
const V2 = 'application/vnd.b.v2+json';

describe('which of several media types a request asks for', () => {
  it.each<readonly [title: string, headers: readonly string[], route: string]>([
    ['neither', [], 'plain'],
    ['another', ['Accept', 'application/json', 'Content-Type', 'application/json'], 'plain'],
    ['one by Accept', ['Accept', V2], V2],
    ['in any case', ['ACCEPT', 'Application/Vnd.B.V2+JSON'], V2],
    ['with parameters that the route does not name', ['Accept', `${V2}; charset=utf-8;profile="a,b"`], V2],
    ['one by Content-Type', ['Content-Type', `${V1};charset=utf-8`], V1],
    ['by both: what is sent counts more', ['Accept', V2, 'Content-Type', V1], V1],
    ['the heavier', ['Accept', `${V1};q=0.5, ${V2}`], V2],
    ['the heavier, written last in a field of its own', ['Accept', `${V1};q=0.001`, 'accept', `${V2};q=0.002`], V2],
    ['both alike: the first', ['Accept', `${V2}, ${V1}`], V2],
    ['one that it does not want', ['Accept', `${V1};q=0, */*`], 'plain'],
    ['one of which it wants the other', ['Accept', `${V1};q=0.000, ${V2};q=0.1`], V2],
    ['a weight that is none', ['Accept', `${V1};q=high`], V1],
    ['by wildcards nothing in particular', ['Accept', '*/*, application/*'], 'plain'],
    ['two types of one body are none', ['Content-Type', V1, 'Content-Type', V2], 'plain'],
    ['among others', ['Accept', `text/html, application/xhtml+xml;q=0.9, ${V2};q=0.8, */*;q=0.1`], V2],
    ['inside the text of a parameter it is none', ['Accept', `text/html;a=", ${V2}, "`], 'plain'],
    ['only the first fifty are looked at', ['Accept', `${'a/b,'.repeat(50)}${V2}`], 'plain'],
    ['… and the fiftieth still', ['Accept', `${'a/b,'.repeat(49)}${V2}`], V2],
  ])('%s', (_, headers, route) => {
    expect(found([V1, V2], ...headers)).toBe(route);
  });

  it.each<readonly [accept: string, route: string]>([
    ['application/vnd.b+json;version=2', 'application/vnd.b+json;version=2'],
    ['application/vnd.b+json; VERSION="2"', 'application/vnd.b+json;version=2'],
    ['application/vnd.b+json', 'application/vnd.b+json'],
    ['application/vnd.b+json;version=3', 'application/vnd.b+json'],
    ['application/vnd.b+json;version=2;q=0.5, application/vnd.b+json', 'application/vnd.b+json'],
    ['application/vnd.b+json;version=2;lang=en', 'application/vnd.b+json;lang=en;version=2'],
  ])('by a parameter, the more exact first: %s', (accept, route) => {
    const types = ['application/vnd.b+json', 'application/vnd.b+json;version=2', 'application/vnd.b+json;lang=en;version=2'];
    expect(found(types, 'Accept', accept)).toBe(route);
  });

  it('only among routes that come to the same otherwise', () => {
    const entry = (name: string, match: object) => ({ match: { ...NONE, mediaType: undefined, ...match }, route: named(name) });
    const routes = new RouteTable(
      [
        entry('by path', { path: '/v1', mediaType: V1 }),
        entry('by header', { headers: { 'x-version': '2' } }),
        entry('by type', { mediaType: V2 }),
        entry('by method', { methods: ['GET'] }),
        entry('plain', {}),
      ],
      named('_none'),
    );
    const find = (target: string, ...headers: readonly string[]): string => routes.find(requestHead({ target, headers })).spec.name;
    expect(find('/v1', 'Accept', `${V1};q=0.1, ${V2}`)).toBe('by path');
    expect(find('/', 'Accept', V2, 'X-Version', '2')).toBe('by header');
    expect(find('/', 'Accept', V2)).toBe('by type');
    expect(find('/v1', 'Accept', V2)).toBe('by type');
    expect(find('/', 'Accept', V1)).toBe('by method');
  });

  it('whatever Accept says, there is an answer', () => {
    const media = routeMediaType(V2);
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'a/;,="\\ \tq.01*'.split('')), maxLength: 200 }));
    fc.assert(fc.property(text, (accept) => void expect(new AskedTypes(['Accept', accept, 'Content-Type', accept]).rank(media)).toBe(0)));
  });
});
