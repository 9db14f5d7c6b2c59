import { describe, expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';

function report(text: string): string[] {
  const { problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/etc/plumbline', env: {} });
  return problems.map((p) => `${p.line}:${p.column} ${p.severity} ${p.code} ${p.pointer}`);
}

/** A configuration of these parts; `routes` are flow mappings, one a line from line 4 on. */
function file({ listeners = '{ in: { port: 1000 } }', contracts = '{}', routes = [''], more = '' }): string {
  const lines = routes.map((route, i) => `  - { name: r${i}, listener: in, upstream: "http://a"${route === '' ? '' : `, ${route}`} }`);
  return `listeners: ${listeners}\ncontracts: ${contracts}\nroutes:\n${lines.join('\n')}\n${more}`;
}

const BILLING = '{ billing: { openapi: billing.yaml } }';

describe('ports', () => {
  test.each([
    ['two listeners', '{ in: { port: 1000 }, b: { port: 1000 } }', '', '1:45 error port_used_twice /listeners/b/port'],
    ['a listener and admin', '{ in: { port: 7090 } }', '', '1:26 error port_used_twice /listeners/in/port'],
    ['admin and probes', '{ in: { port: 1000 } }', 'probes: { port: 7090 }', '5:17 error port_used_twice /probes/port'],
    ['both by default', '{ in: {}, b: {} }', '', '1:22 error port_used_twice /listeners/b/port'],
  ])('%s', (_, listeners, more, expected) => {
    expect(report(file({ listeners, more })).filter((line) => line.includes('port_used_twice'))).toEqual([expected]);
  });

  test('port 0 is another one each time, and two addresses have two ports', () => {
    expect(report(file({ listeners: '{ in: { port: 0 } }', more: 'admin: { port: 0 }\nprobes: { port: 0 }' }))).toEqual([]);
    const apart = '{ in: { host: 10.0.0.1, port: 1 }, b: { host: 10.0.0.2, port: 1 } }';
    expect(report(file({ listeners: apart })).filter((line) => line.includes('port'))).toEqual([]);
    const wildcard = '{ in: { host: 10.0.0.1, port: 1 }, b: { port: 1 } }';
    expect(report(file({ listeners: wildcard })).filter((line) => line.includes('port_used_twice'))).toHaveLength(1);
  });

  test('admin off loopback needs a token', () => {
    for (const host of ['0.0.0.0', '"::"', '10.0.0.1', 'admin.example', '127.0.0.1.example']) {
      expect(report(file({ more: `admin: { host: ${host} }` })), host).toEqual(['5:16 error token_required /admin/host']);
      expect(report(file({ more: `admin: { host: ${host}, token: abc }` })), host).toEqual([]);
    }
    for (const host of ['127.0.0.1', '127.1.2.3', '"::1"', 'localhost'])
      expect(report(file({ more: `admin: { host: ${host} }` })), host).toEqual([]);
  });
});

describe('routes', () => {
  test('a listener and a contract must be there', () => {
    expect(report(file({ listeners: '{ inn: {} }' }))).toContain('4:27 error unknown_listener /routes/0/listener');
    expect(report(file({ contracts: BILLING, routes: ['contract: biling'] }))).toContain('4:63 error unknown_contract /routes/0/contract');
  });

  test('a misspelt section is not blamed on those who name it', () => {
    expect(report(file({}).replace('listeners:', 'listners:'))).toEqual(['1:1 error unknown_key /listners']);
  });

  test('names are unique', () => {
    const text = file({ routes: ['', 'match: { path: /b }'] }).replace('r1', 'r0');
    expect(report(text)).toEqual(['5:13 error duplicate_name /routes/1/name']);
  });

  test.each([
    ['no match at all', '', 'match: { path: / }', true],
    ['a slash at the end', 'match: { path: /v1 }', 'match: { path: /v1/ }', true],
    ['methods in another order', 'match: { methods: [GET, PUT] }', 'match: { methods: [PUT, GET] }', true],
    ['a host in capitals', 'match: { host: a.example }', 'match: { host: A.example }', true],
    ['header names in capitals', 'match: { headers: { a: x, b: y } }', 'match: { headers: { B: y, A: x } }', true],
    ['another path', 'match: { path: /v1 }', 'match: { path: /v2 }', false],
    ['another host', 'match: { host: a.example }', 'match: { host: b.example }', false],
    ['fewer methods', 'match: { methods: [GET, PUT] }', 'match: { methods: [PUT] }', false],
    ['other methods', 'match: { methods: [GET, PUT] }', 'match: { methods: [POST, HEAD] }', false],
    ['other methods beside a header', 'match: { methods: [GET], headers: { a: x } }', 'match: { methods: [GET] }', false],
    ['a host with the dot of the root', 'match: { host: a.example }', 'match: { host: a.example. }', true],
    ['an IPv6 address with and without brackets', 'match: { host: "::1" }', 'match: { host: "[::1]" }', true],
    ['another header', 'match: { headers: { a: x } }', 'match: { headers: { a: y } }', false],
  ])('two that match the same: %s', (_, first, second, same) => {
    expect(report(file({ routes: [first, second] })).some((line) => line.includes('same_match'))).toBe(same);
  });

  test('two that match the same are both named', () => {
    const { problems } = parseConfiguration({ text: file({ routes: ['', ''] }), file: 'plumbline.yaml', dir: '/', env: {} });
    expect(problems.map(({ message }) => message)).toEqual(['r1 matches exactly what routes[0] (r0) matches']);
  });

  test.each([
    ['match: { methods: [GET, PUT] }', 'match: { methods: [GET, POST] }', 'error', 'r1 and routes[0] (r0) both match GET'],
    [
      'match: { headers: { a: x } }',
      'match: { headers: { B: x } }',
      'warning',
      'r1 and routes[0] (r0) both match a request that has a and b; it goes to r0',
    ],
  ])('two that some request cannot be told apart by: %s, %s', (first, second, severity, message) => {
    const { problems } = parseConfiguration({ text: file({ routes: [first, second] }), file: 'plumbline.yaml', dir: '/', env: {} });
    expect(problems.map((p) => [p.severity, p.code, p.pointer, p.message])).toEqual([
      [severity, 'overlapping_match', '/routes/1/match', message],
    ]);
  });

  test.each([
    ['match: { methods: [GET] }', 'match: { methods: [GET, POST] }'],
    ['match: { headers: { a: x, b: "1" } }', 'match: { headers: { a: x, b: "2" } }'],
    ['match: { headers: { a: x, b: "1" } }', 'match: { headers: { c: x } }'],
    ['match: { path: /a, methods: [GET, PUT] }', 'match: { methods: [GET, POST] }'],
  ])('two that every request can be told apart by: %s, %s', (first, second) => {
    expect(report(file({ routes: [first, second] }))).toEqual([]);
  });

  test('a prefix that no request has is doubtful', () => {
    const strip = (path: string, prefix: string) =>
      file({}).replace('upstream: "http://a"', `match: { path: ${path} }, upstream: { url: "http://a", stripPrefix: ${prefix} }`);
    expect(report(strip('/v1', '/dns'))[0]).toMatch(/warning never_stripped/);
    for (const [path, prefix] of [
      ['/v1', '/v1'],
      ['/v1/x', '/v1'],
      ['/', '/v1'],
    ] as const)
      expect(report(strip(path, prefix))).toEqual([]);
  });
});

describe('policies', () => {
  test.each(['idempotency', 'precondition'])('operations that %s requires are those of a contract', (policy) => {
    const required = (...ids: string[]): string => `policies: { ${policy}: { required: [${ids.join()}] } }`;
    const faults = (parts: Parameters<typeof file>[0]): string[] => report(file(parts)).map((line) => line.replace(/^\S+ /, ''));
    expect(faults({ routes: [required('a')] })).toEqual([`error needs_contract /routes/0/policies/${policy}/required`]);
    expect(faults({ more: required('a') })).toEqual([`error needs_contract /policies/${policy}/required`]);
    expect(faults({ contracts: BILLING, routes: [`contract: billing, ${required('a')}`] })).toEqual([]);
    expect(faults({ routes: [required()] })).toEqual([]);
    expect(faults({ contracts: BILLING, routes: ['contract: billing', 'match: { path: /b }'], more: required('a') })).toEqual([]);
  });

  test('a mode that was asked for needs a contract', () => {
    const asked = 'policies: { contract: { request: enforce, response: report } }';
    expect(report(file({ routes: [asked] }))).toEqual([
      '4:86 error needs_contract /routes/0/policies/contract/request',
      '4:105 error needs_contract /routes/0/policies/contract/response',
    ]);
    expect(report(file({ contracts: BILLING, routes: [`contract: billing, ${asked}`] }))).toEqual([]);
    expect(report(file({ routes: ['policies: { contract: { request: off, response: off } }'] }))).toEqual([]);
    expect(report(file({ more: 'policies: { contract: { request: report } }' }))).toEqual([
      '5:34 error needs_contract /policies/contract/request',
    ]);
    expect(
      report(
        file({
          contracts: BILLING,
          routes: ['contract: billing', 'match: { path: /b }'],
          more: 'policies: { contract: { request: report } }',
        }),
      ),
    ).toEqual([]);
  });

  test.each([
    ['request: enforce', true],
    ['response: enforce', true],
    ['undocumented: enforce', true],
    ['operations: { a: { request: enforce } }', true],
    ['request: report', false],
  ])('a sample cannot go with enforce: %s', (mode, refused) => {
    const text = file({ contracts: BILLING, routes: [`contract: billing, policies: { contract: { ${mode}, sample: 0.5 } }`] });
    expect(report(text).some((line) => line.endsWith('error sample_with_enforce /routes/0/policies/contract/sample'))).toBe(refused);
    expect(report(text.replace('0.5', '1'))).toEqual([]);
  });

  test('a try that may take longer than all of them is doubtful', () => {
    const text = file({ more: 'policies: { deadline: { total: 1s, attempt: 2s } }' });
    expect(report(text)).toEqual(['5:45 warning attempt_over_total /policies/deadline/attempt']);
  });
});

test('an egress listener that others can reach is doubtful', () => {
  expect(report(file({ listeners: '{ in: { direction: egress, port: 1000 } }' }))).toEqual([
    '1:14 warning egress_reachable /listeners/in/host',
  ]);
  expect(report(file({ listeners: '{ in: { direction: egress, host: 127.0.0.1 } }' }))).toEqual([]);
});

test('what nobody uses is doubtful', () => {
  const text = file({ listeners: '{ in: { port: 1 }, b: { port: 2 } }', contracts: BILLING });
  expect(report(text)).toEqual(['1:31 warning unused_listener /listeners/b', '2:14 warning unused_contract /contracts/billing']);
});

test('a contract is one protocol', () => {
  expect(report(file({ contracts: '{ a: {} }', routes: ['contract: a'] }))).toEqual(['2:14 error missing_key /contracts/a/openapi']);
  expect(report(file({ contracts: '{ a: { graphql: x } }', routes: ['contract: a'] }))).toEqual([
    '2:19 error not_in_this_version /contracts/a/graphql',
  ]);
});

test('a policy without a value is off, and that is said', () => {
  const routes = ['policies: { retry: , deadline: {} }'];
  expect(report(file({ routes, more: 'policies: { loadShed: }' }))).toEqual([
    '4:65 warning empty_policy /routes/0/policies/retry',
    '5:13 warning empty_policy /policies/loadShed',
  ]);
});

test('an attempt is not held against a total that is wrong', () => {
  expect(report(file({ routes: ['policies: { deadline: { total: 1, attempt: 5s } }'] }))).toEqual([
    '4:84 error wrong_type /routes/0/policies/deadline/total',
  ]);
});
