import { expect, test } from 'vitest';
import { keysByAddress } from './keys-by-address.ts';
import { parseConfiguration } from './parse.ts';
import type { Settings } from './settings.ts';

function settings(route: string): Settings {
  const text = `listeners: { in: {} }
contracts: { c: { openapi: c.yaml } }
routes:
  - { name: r, listener: in, upstream: "http://a", contract: c, ${route} }
  - { name: s, listener: in, upstream: "http://a", match: { path: /s } }
`;
  const { settings: parsed, problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/', env: {} });
  if (parsed === undefined) throw new Error(JSON.stringify(problems));
  return parsed;
}

const PRINCIPAL = 'policies: { idempotency: {} }';

test('ID-1: operations that need no credential are warned of, with their place', () => {
  const open = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  expect(keysByAddress(settings(PRINCIPAL), () => open)).toEqual([
    {
      severity: 'warning',
      code: 'keys_by_address',
      message:
        'callers of a, b, c, d, e, and 2 more need no credential, and without one are known by the address alone; ' +
        '`scope: header:NAME` or `scope: shared` says whose keys they are',
      file: 'plumbline.yaml',
      line: 4,
      column: 77,
      pointer: '/routes/0/policies/idempotency',
      contract: 'c',
    },
  ]);
});

test('ID-1: so is a route of which no contract says whether a credential is needed', () => {
  const found = keysByAddress(
    settings(
      PRINCIPAL.replace('{}', '{}').concat(' }\n  - { name: t, listener: in, upstream: "http://a", match: { path: /t }, ', PRINCIPAL),
    ),
    () => [],
  );
  expect(found).toMatchObject([{ pointer: '/routes/1/policies/idempotency', message: /^callers that send no credential are known/ }]);
});

test.each([
  ['operations that all need one', PRINCIPAL, []],
  ['a contract that could not be loaded', PRINCIPAL, undefined],
  ['scope: shared', 'policies: { idempotency: { scope: shared } }', ['a']],
  ['a tenant', 'policies: { idempotency: { scope: "header:X-Tenant" } }', ['a']],
  ['a policy that is off', 'policies: {}', ['a']],
])('nothing is said of %s', (_what, route, open) => {
  expect(keysByAddress(settings(route), () => open)).toEqual([]);
});
