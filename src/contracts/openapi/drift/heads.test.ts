import { describe, expect, it } from 'vitest';
import type { ContractRequest } from '../../../core/contract.ts';
import type { Drift } from '../../../core/drift.ts';
import { api, contractOf, ok } from '../testing.ts';

const head = (more: Partial<ContractRequest> = {}): ContractRequest => ({ method: 'GET', path: '/x', query: '', headers: [], ...more });
const said = (all: readonly Drift[]): string[] => all.map(({ kind, specPointer, name }) => `${kind} ${specPointer} ${name}`);

type More = Readonly<Record<string, unknown>>;

async function parts(operation: More, more: More = {}, others: More = {}) {
  const { operations } = await contractOf(api({ '/x': { get: { responses: ok, ...operation } }, ...others }, more));
  const { driftParts } = operations[0] ?? {};
  if (driftParts === undefined) throw new Error('no operation');
  return driftParts;
}

/** Names of a query that are told of. */
async function strange(parameters: readonly unknown[], query: string, more: More = {}): Promise<string[]> {
  const found = (await parts({ parameters }, more)).inHead(head({ query }), undefined);
  expect(
    found.every(
      ({ kind, side, location, specPointer }) =>
        `${kind} ${side} ${location} ${specPointer}` === 'undocumented_parameter request query /paths/~1x/get',
    ),
  ).toBe(true);
  return found.map(({ name }) => name);
}

const q = (name: string, more: More = { schema: { type: 'string' } }) => ({ name, in: 'query', ...more });
const object = { type: 'object', properties: { a: {} } };

describe('D1: names in a query that the document does not know', () => {
  it.each<readonly [title: string, parameters: readonly unknown[], query: string, expected: readonly string[]]>([
    ['a name', [q('a')], 'a=1&x=2', ['x']],
    ['once however often', [q('a')], 'x=1&x=2&y', ['x', 'y']],
    ['where there are no parameters', [], 'x=1', ['x']],
    ['decoded', [q('a b')], 'a%20b=1&a+b=1&x%2Dy=1', ['x-y']],
    ['nothing where it cannot be decoded', [q('a')], '%zz=1', []],
    ['not in an empty query', [q('a')], '', []],
    ['not what clients send to whatever they call', [], '_=1700000000000&utm_source=x&gclid=y&fbclid=z', []],
    ['not an access token', [], 'access_token=x', []],
    ['by another case', [q('page')], 'Page=1', ['Page']],
    ['deepObject', [q('f', { style: 'deepObject', explode: true, schema: object })], 'f[a]=1&f[x][y]=1&g[a]=1', ['g']],
    ['a list in brackets', [q('ids', { schema: { type: 'array' } })], 'ids[]=1&ids[0]=1&ids=1', []],
    ['brackets that are part of the name', [q('ids[]')], 'ids[]=1&ids[3]=1&ids=1', []],
    ['parts of a name that has some itself', [q('f[a]'), q('g.b')], 'f[a][]=1&f%5Ba%5D[0]=1&g.b[]=1&g.b.c=1&g.x=1', ['g.x']],
    ['without what is in the brackets of one that is not known', [], 'page[alice]=1&page[bob]=2&[x]=1', ['page', '*']],
    ['not a number against caches', [], '1700000000000', []],
    [
      'spaceDelimited and pipeDelimited',
      [q('a', { style: 'spaceDelimited', schema: { type: 'array' } }), q('b', { style: 'pipeDelimited', schema: { type: 'array' } })],
      'a=1%202&b=1|2&x=1',
      ['x'],
    ],
    ['content', [q('c', { content: { 'application/json': {} } })], 'c={}&x=1', ['x']],
    ['an exploded object that takes anything', [q('o', { schema: object })], 'a=1&x=2', []],
    [
      'an exploded object with schemas for the others',
      [q('o', { schema: { ...object, additionalProperties: { type: 'string' } } })],
      'x=2',
      [],
    ],
    ['an exploded object that takes nothing else', [q('o', { schema: { ...object, additionalProperties: false } })], 'a=1&x=2', ['x']],
    ['an object or a text', [q('o', { schema: { oneOf: [object, { type: 'string' }] } })], 'x=2', []],
    ['a parameter without a type', [q('o', { schema: {} })], 'x=2', ['x']],
    ['data for a name', [], 'someone@example.com=1&123456=2', ['*']],
  ])('%s', async (_, parameters, query, expected) => {
    expect(await strange(parameters, query)).toEqual(expected);
  });

  it('querystring takes everything (3.2)', async () => {
    const parameters = [{ name: 'all', in: 'querystring', content: { 'application/x-www-form-urlencoded': { schema: object } } }];
    expect(await strange(parameters, 'x=1', { openapi: '3.2.0' })).toEqual([]);
  });

  it('API keys of any scheme are known', async () => {
    const key = { type: 'apiKey', in: 'query', name: 'api_key' };
    expect(await strange([], 'api_key=1&x=1', { components: { securitySchemes: { key } } })).toEqual(['x']);
    const elsewhere = { components: { securitySchemes: { key: { $ref: '#/components/x-keys/key' } }, 'x-keys': { key } } };
    expect(await strange([], 'api_key=1&x=1', elsewhere)).toEqual(['x']);
  });

  it('paths and cookies are not looked at', async () => {
    const all = await parts({ parameters: [] });
    expect(all.inHead(head({ headers: ['Cookie', 'foreign=1'] }), undefined)).toEqual([]);
  });

  it('is bounded whatever is sent', async () => {
    const all = await parts({});
    const query = Array.from({ length: 100_000 }, (_, i) => `n${String.fromCharCode(97 + (i % 26))}${'x'.repeat(i % 60)}=1`).join('&');
    const from = performance.now();
    expect(all.inHead(head({ query }), undefined)).toHaveLength(20);
    expect(performance.now() - from).toBeLessThan(50);
  });
});

describe('D1: header fields that the document does not know', () => {
  const header = { schema: { type: 'string' } };
  const responses = { 200: { description: '', headers: { 'X-Total': header } }, 404: { description: '' } };

  it('of answers, where any response of the operation has headers, whatever the status', async () => {
    const all = await parts({ responses });
    const of = (status: number, headers: readonly string[]) => all.inHead(head(), { status, headers });
    expect(of(200, ['X-Total', '1', 'x-new', '2'])).toEqual([
      {
        kind: 'undocumented_header',
        side: 'response',
        location: 'header',
        pointer: '/x-new',
        specPointer: '/paths',
        name: 'x-new',
        types: [],
        formats: [],
      },
    ]);
    expect(of(404, ['X-NEW', 'secret'])[0]).toBe(of(200, ['x-new', '2'])[0]);
    expect(of(404, ['x-total', '1'])).toEqual([]);
    expect((await parts({ responses: ok })).inHead(head(), { status: 200, headers: ['x-new', '2'] })).toEqual([]);
  });

  it('one that other operations have is told of at the operation that has it not, any other at the document as a whole', async () => {
    const others = { '/y': { get: { responses: { 200: { description: '', headers: { 'X-Page': header } } } } } };
    const all = await parts({ responses }, {}, others);
    expect(said(all.inHead(head(), { status: 200, headers: ['X-Page', '1', 'X-New', '2'] }))).toEqual([
      'undocumented_header /paths/~1x/get/responses x-page',
      'undocumented_header /paths x-new',
    ]);
  });

  it('never of requests: any client and any hop may add some, and nothing shows that the service reads them', async () => {
    const all = await parts({ parameters: [{ name: 'X-Tenant', in: 'header', ...header }], responses });
    expect(said(all.inHead(head({ headers: ['x-tenant', '1', 'X-New', '3'], query: 'n=1' }), undefined))).toEqual([
      'undocumented_parameter /paths/~1x/get n',
    ]);
    expect(all.inHead(head({ headers: ['X-New', '3'] }), undefined)).toEqual([]);
  });

  it('never what HTTP has, or what stands in between', async () => {
    const all = await parts({ responses });
    const names =
      'Content-Type Date ETag Link Location Vary Via Server Set-Cookie Retry-After Cache-Control Strict-Transport-Security X-Content-Type-Options ' +
      'Access-Control-Allow-Origin Sec-Fetch-Mode X-Forwarded-For X-Request-Id traceparent X-B3-TraceId CF-RAY X-Amzn-Trace-Id X-Envoy-Upstream-Service-Time ' +
      'RateLimit X-RateLimit-Remaining Deprecation Sunset Content-Digest Idempotency-Key X-Plumbline-Anything Transfer-Encoding Connection Server-Timing';
    expect(all.inHead(head(), { status: 200, headers: names.split(' ').flatMap((name) => [name, '1']) })).toEqual([]);
  });

  it('is bounded whatever is sent', async () => {
    const all = await parts({ responses });
    const headers = Array.from({ length: 5000 }, (_, i) => [`x-${i}a`, '1']).flat();
    expect(all.inHead(head(), { status: 200, headers }).length).toBeLessThanOrEqual(20);
  });
});
