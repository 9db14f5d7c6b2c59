import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHead, routeSpec } from '../../test/kit/exchange.ts';
import { assembleRoute } from './compile.ts';
import { type RouteMatch, RouteTable } from './routes.ts';
import { type SplitTarget, targetSplitter } from './target.ts';

/** With an upstream it is a route of an egress listener. */
const named = (name: string, upstream?: string) =>
  assembleRoute(routeSpec({ name, ...(upstream !== undefined && { direction: 'egress', upstream }) }), [], [], {
    retryPlan: { keepBytes: 0, next: () => undefined },
    upstream: undefined,
    rewriting: { stripPrefix: '', host: undefined },
  });

const entry = (name: string, match: Partial<RouteMatch>) => ({
  match: { path: '/', host: undefined, methods: undefined, headers: {}, mediaType: undefined, ...match },
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
    ['/%761', 'v1'],
    ['/v1/%64eep', 'deep'],
    ['/v1%3A', '_none'],
    ['/%C3%A9', 'é'],
    ['/%c3%a9/x', 'é'],
    ['*', '_none'],
  ])('for %s is %s: prefixes of whole segments, the longest', (path, expected) => {
    expect(find([entry('v1', { path: '/v1' }), entry('deep', { path: '/v1/deep' }), entry('é', { path: '/%C3%A9' })], path)).toBe(expected);
  });

  it('for everything is that of /', () => {
    for (const path of ['/', '/a', '*', '']) expect(find([entry('all', { path: '/' })], path)).toBe('all');
  });

  it.each([
    ['billing.example', 'billing'],
    ['BILLING.Example:8080', 'billing'],
    ['billing.example.:80', 'billing'],
    ['billing.example:', 'billing'],
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
    expect(find(entries, '/', { method: 'POST', headers: ['X-Version', '2', 'x-version', '3'] })).toBe('_none');
  });

  it('goes to the next one that matches where its own names another method or header', () => {
    const entries = [
      entry('reads', { path: '/v1', methods: ['GET'] }),
      entry('v2', { path: '/v1', headers: { x: '2' } }),
      entry('all', {}),
    ];
    expect(find(entries, '/v1', { method: 'GET' })).toBe('reads');
    expect(find(entries, '/v1', { method: 'GET', headers: ['X', '2'] })).toBe('v2');
    expect(find(entries, '/v1', { method: 'PUT' })).toBe('all');
    expect(find(entries.slice(0, 2), '/v1', { method: 'PUT' })).toBe('_none');
  });

  it('prefers the longest path, then host, then more headers, then fewer methods', () => {
    const request = { method: 'GET', headers: ['Host', 'h', 'A', '1', 'B', '2'] };
    const ranked = [
      entry('path', { path: '/v1/a' }),
      entry('host', { path: '/v1', host: 'h' }),
      entry('two headers', { path: '/v1', headers: { a: '1', b: '2' } }),
      entry('one header', { path: '/v1', headers: { a: '1' } }),
      entry('one method', { path: '/v1', methods: ['GET', 'GET'] }),
      entry('two methods', { path: '/v1', methods: ['GET', 'PUT'] }),
      entry('plain', { path: '/v1' }),
    ];
    for (let i = 0; i < ranked.length; i++) expect(find([...ranked].slice(i).reverse(), '/v1/a', request)).toBe(ranked[i]?.route.spec.name);
  });

  const match: fc.Arbitrary<RouteMatch> = fc.record({
    path: fc.constantFrom('/', '/a', '/a/b', '/a/b/c', '/b', '/%61/b'),
    host: fc.constantFrom(undefined, 'h', 'g', '[::1]'),
    methods: fc.constantFrom(undefined, ['GET'], ['POST', 'GET'], ['PUT']),
    headers: fc.constantFrom({}, { x: '1' }, { x: '1', y: '2' }, { y: '1, 2' }),
    mediaType: fc.constantFrom(undefined, undefined, 'a/v1', 'a/v2'),
  });
  const request = fc.record({
    path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/%61/b', '/a/b/c/d', '/b', '/ab', '*'),
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    headers: fc.constantFrom(
      [],
      ['Host', 'h'],
      ['Host', 'G', 'X', '1'],
      ['host', 'h:1', 'x', '1', 'y', '2'],
      ['Host', '[::1]:8', 'Y', '1', 'y', '2'],
      ['Host', 'other'],
      ['Accept', 'a/v1'],
      ['Host', 'h', 'Accept', 'a/v1;q=0.4, a/v2;q=0.5, */*'],
      ['X', '1', 'Content-Type', 'a/v1', 'Accept', 'a/v2'],
    ),
  });

  it('is the one that a look at all of them finds, in whatever order they are written', () => {
    const tables = fc.array(match, { minLength: 1, maxLength: 8 }).chain((matches) => {
      const entries = matches.map((m, i) => entry(`r${i}`, m));
      return fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length }));
    });
    fc.assert(
      fc.property(tables, request, ([entries, shuffled], { path, method, headers }) => {
        const found = find(entries, path, { method, headers });
        expect(find(shuffled, path, { method, headers })).toBe(found);
        expect(found).toBe(naive(entries, path, method, headers));
      }),
      { numRuns: 3000 },
    );
  });
});

/** As the configuration's reference says it, route by route. */
function naive(entries: readonly Entry[], path: string, method: string, headers: readonly string[]): string {
  const value = (name: string): string | undefined => {
    const values = headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === name);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const asks = (type: string | undefined): number => {
    if (type !== undefined && value('content-type') === type) return 2;
    const range = value('accept')
      ?.split(', ')
      .find((one) => one.split(';')[0] === type);
    return range === undefined ? 0 : Number(range.split('q=')[1] ?? 1);
  };
  const plain = (text: string): string => text.replace('%61', 'a');
  const host = value('host')?.toLowerCase().replace(/:\d+$/, '');
  const taking = entries.filter(
    ({ match: m }) =>
      (m.path === '/' || plain(path) === plain(m.path) || plain(path).startsWith(`${plain(m.path)}/`)) &&
      (m.host === undefined || m.host === host) &&
      (m.methods === undefined || m.methods.includes(method)) &&
      Object.entries(m.headers).every(([name, wanted]) => value(name) === wanted) &&
      (m.mediaType === undefined || asks(m.mediaType) > 0),
  );
  const rank = ({ match: m, route }: Entry): readonly (number | string)[] => [
    1000 - plain(m.path).length,
    m.host === undefined ? 1 : 0,
    10 - Object.keys(m.headers).length,
    m.mediaType === undefined ? 1 : 0,
    -asks(m.mediaType),
    m.methods?.length ?? 10,
    route.spec.name,
  ];
  return taking.map(rank).sort(inTurn)[0]?.at(-1)?.toString() ?? '_none';
}

function inTurn(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const i = a.findIndex((part, at) => part !== b[at]);
  return i < 0 ? 0 : (a[i] as number) < (b[i] as number) ? -1 : 1;
}

describe('the route of a request to an egress listener', () => {
  const egress = (name: string, upstream: string, match: Partial<RouteMatch> = {}): Entry => ({
    match: { path: '/', host: undefined, methods: undefined, headers: {}, mediaType: undefined, ...match },
    route: named(name, upstream),
  });
  const table = (...entries: readonly Entry[]): RouteTable => new RouteTable(entries, named('_none', ''));
  const ask = (routes: RouteTable, target: string, host: string): string => {
    const split = targetSplitter('reject')(target) as SplitTarget;
    const head = requestHead({ ...split, headers: ['Host', host] });
    return routes.refusal(head)?.code ?? routes.find(head).spec.name;
  };
  const partners = table(
    egress('dns', 'http://dns.example', { path: '/dns' }),
    egress('pay', 'http://10.0.0.1:8080', { host: 'pay.example' }),
    egress('mail', 'http://mail.example:8025'),
  );

  it.each([
    ['/dns/zones', '127.0.0.1:7081', 'dns'],
    ['/other', 'evil.example', 'mail'],
    ['/dns/zones', 'pay.example', 'dns'],
    ['/x', 'pay.example:1', 'pay'],
  ])('in origin-form, %s with Host %s: %s', (target, host, expected) => {
    expect(ask(partners, target, host)).toBe(expected);
  });

  it.each([
    ['http://dns.example/dns/x', 'dns'],
    ['HTTP://DNS.example:80/dns/x', 'dns'],
    ['http://dns.example/other', '_none'],
    ['http://dns.example:81/dns/x', 'HOST_DENIED'],
    ['https://dns.example/dns/x', 'HOST_DENIED'],
    ['http://mail.example:8025/dns/x', 'mail'],
    ['http://mail.example/x', 'HOST_DENIED'],
    ['http://pay.example/x', 'pay'],
    ['http://pay.example:99/x', 'pay'],
    ['https://pay.example/x', 'pay'],
    ['http://10.0.0.1:8080/x', '_none'],
    ['http://evil.example/dns/x', 'HOST_DENIED'],
    ['http://127.0.0.1:7081/dns/x', 'HOST_DENIED'],
  ])('HY-6: in absolute-form, %s: %s', (target, expected) => {
    expect(ask(partners, target, /\/\/([^/]*)/.exec(target)?.[1] ?? '')).toBe(expected);
  });

  it('HY-6: in absolute-form is no other one even where there is but one', () => {
    expect(ask(table(egress('one', 'http://a')), 'http://b/', 'b')).toBe('HOST_DENIED');
    expect(ask(table(egress('one', 'http://a')), 'http://a/', 'a')).toBe('one');
    expect(ask(table(egress('one', 'http://a')), '/', 'b')).toBe('one');
  });

  it('is as on an ingress listener for absolute-form there', () => {
    const ingress = new RouteTable([entry('all', {})], named('_none'));
    expect(ask(ingress, 'http://b/', 'b')).toBe('all');
  });
});
