import { gzipSync } from 'node:zlib';

const MIB = 1024 * 1024;

/** A request and its answer that are written to hurt who looks at them. Headers are flat: name, value, name, value. */
export interface HostileExchange {
  readonly name: string;
  /** What is counted of either side. */
  readonly verdicts: string;
  readonly method: string;
  readonly target: string;
  readonly headers?: readonly string[];
  readonly body?: () => Uint8Array;
  readonly answer?: { readonly type: string; readonly coding?: string; readonly chunks: () => Iterable<Uint8Array> };
}

const times = (n: number, one: (i: number) => string, by = ''): string => Array.from({ length: n }, (_, i) => one(i)).join(by);
const bytes = (text: string) => (): Uint8Array => Buffer.from(text);
const chunksOf = (chunk: Uint8Array, count: number) => (): Iterable<Uint8Array> => Array.from({ length: count }, () => chunk);
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'];
const JSON_TYPE = ['Content-Type', 'application/json'];

/** A hundred megabytes of nothing, as small as they come; and that once more. Made before anything is measured. */
const BOMB = gzipSync(Buffer.alloc(100 * MIB, ' '));
const BOMB_IN_A_BOMB = gzipSync(BOMB);

export const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Hostile', version: '1' },
  paths: {
    '/query': {
      get: {
        parameters: [
          { name: 'a', in: 'query', schema: { type: 'array', items: { type: 'integer' } } },
          { name: 'o', in: 'query', style: 'deepObject', schema: { type: 'object', additionalProperties: { type: 'integer' } } },
          { name: 'c', in: 'cookie', schema: { type: 'string', maxLength: 5 } },
          { name: 'X-Many', in: 'header', schema: { type: 'array', items: { type: 'integer' } } },
        ],
        responses: { 200: { description: '' } },
      },
    },
    '/form': {
      post: {
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                properties: { a: { type: 'array', items: { type: 'integer' } } },
                additionalProperties: { type: 'integer' },
              },
            },
          },
        },
        responses: { 200: { description: '' } },
      },
    },
    '/parts': {
      post: {
        requestBody: {
          content: {
            'multipart/form-data': { schema: { type: 'object', properties: { a: { type: 'array', items: { type: 'string' } } } } },
          },
        },
        responses: { 200: { description: '' } },
      },
    },
    '/json': {
      post: {
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Any' } } } },
        responses: {
          200: {
            description: '',
            content: {
              'application/json': { schema: { $ref: '#/components/schemas/Any' } },
              'application/x-ndjson': { schema: { type: 'object' } },
              'text/event-stream': { schema: { type: 'object' } },
              'application/xml': { schema: { type: 'object' } },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Any: {
        anyOf: [
          { type: 'array', uniqueItems: true, items: { $ref: '#/components/schemas/Any' } },
          { type: 'object', additionalProperties: { $ref: '#/components/schemas/Any' } },
          { type: 'string', pattern: '^(a|aa)+$' },
          { type: 'number', multipleOf: 0.5 },
        ],
      },
    },
  },
};

const post = (name: string, verdicts: string, target: string, headers: readonly string[], body: () => Uint8Array): HostileExchange => ({
  name,
  verdicts,
  method: 'POST',
  target,
  headers,
  body,
});
const answered = (name: string, verdicts: string, type: string, chunks: () => Iterable<Uint8Array>, coding?: string): HostileExchange => ({
  name,
  verdicts,
  method: 'POST',
  target: '/json',
  answer: { type, chunks, ...(coding !== undefined && { coding }) },
});

/** `MIB` is what a body may have to be judged (`maxBodyBytes`). */
export const EXCHANGES: readonly HostileExchange[] = [
  {
    name: 'as many parameters as a request target holds',
    verdicts: 'request valid, response valid',
    method: 'GET',
    target: `/query?${times(1900, (i) => `a=${i}`, '&')}`.slice(0, 8000),
  },
  {
    name: 'as many undeclared parameters',
    verdicts: 'request valid, response valid',
    method: 'GET',
    target: `/query?${times(1900, (i) => `p${i}`, '&')}`.slice(0, 8000),
  },
  {
    name: 'as many members of a deep object',
    verdicts: 'request valid, response valid',
    method: 'GET',
    target: `/query?${times(700, (i) => `o[k${i}]=1`, '&')}`,
  },
  {
    name: 'nothing but percent signs',
    verdicts: 'request invalid, response valid',
    method: 'GET',
    target: `/query?a=${'%41'.repeat(2500)}&c=%`,
  },
  {
    name: 'as many cookies as a head holds',
    verdicts: 'request valid, response valid',
    method: 'GET',
    target: '/query',
    headers: ['Cookie', times(1200, (i) => `c${i}=1`, '; ')],
  },
  {
    name: 'the same cookie, again and again',
    verdicts: 'request skipped unsupported, response valid',
    method: 'GET',
    target: '/query',
    headers: ['Cookie', times(2000, () => 'c=1', '; ')],
  },
  {
    name: 'as many values of a header',
    verdicts: 'request valid, response valid',
    method: 'GET',
    target: '/query',
    headers: ['X-Many', times(4000, (i) => `${i % 10}`, ',')],
  },
  post('10,000 fields', 'request skipped too_large, response valid', '/form', FORM, bytes(times(10_000, (i) => `a=${i}`, '&'))),
  post(
    '10,000 fields that nobody declared',
    'request skipped too_large, response valid',
    '/form',
    FORM,
    bytes(times(10_000, (i) => `k${i}=1`, '&')),
  ),
  post('a megabyte of ampersands', 'request valid, response valid', '/form', FORM, () => Buffer.alloc(MIB, '&')),
  post('a megabyte of plus signs', 'request invalid, response valid', '/form', FORM, () =>
    Buffer.concat([Buffer.from('a='), Buffer.alloc(MIB - 2, '+')]),
  ),
  post(
    '10,000 parts',
    'request skipped too_large, response valid',
    '/parts',
    ['Content-Type', 'multipart/form-data; boundary=b'],
    bytes(`${times(10_000, () => '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n')}--b--\r\n`),
  ),
  post(
    '100,000 boundaries',
    'request invalid, response valid',
    '/parts',
    ['Content-Type', 'multipart/form-data; boundary=b'],
    bytes(times(100_000, () => '--b\r\n\r\n')),
  ),
  post(
    'a part with a head of a megabyte',
    'request skipped unsupported, response valid',
    '/parts',
    ['Content-Type', 'multipart/form-data; boundary=b'],
    bytes(`--b\r\n${times(20_000, (i) => `X-${i}: ${'v'.repeat(40)}\r\n`)}\r\n\r\n--b--\r\n`),
  ),
  post(
    'a boundary that nearly comes',
    'request valid, response valid',
    '/parts',
    ['Content-Type', `multipart/form-data; boundary=${'-'.repeat(70)}`],
    () => Buffer.alloc(MIB, '-'),
  ),
  post('a bomb of zeros', 'request skipped too_large, response valid', '/json', [...JSON_TYPE, 'Content-Encoding', 'gzip'], () => BOMB),
  post(
    'a bomb in a bomb',
    'request skipped encoding, response valid',
    '/json',
    [...JSON_TYPE, 'Content-Encoding', 'gzip, gzip'],
    () => BOMB_IN_A_BOMB,
  ),
  post('brackets', 'request skipped too_large, response valid', '/json', JSON_TYPE, () =>
    Buffer.concat([Buffer.alloc(MIB / 2, '['), Buffer.alloc(MIB / 2, ']')]),
  ),
  post('brackets that are never closed', 'request invalid, response valid', '/json', JSON_TYPE, () => Buffer.alloc(MIB, '[')),
  post(
    'as many numbers as fit, all unlike',
    'request valid, response valid',
    '/json',
    JSON_TYPE,
    bytes(`[${times(150_000, (i) => `${i}`, ',')}]`),
  ),
  post(
    'as many lists as fit, all unlike',
    'request valid, response valid',
    '/json',
    JSON_TYPE,
    bytes(`[${times(100_000, (i) => `[${i}]`, ',')}]`),
  ),
  post('as many names as fit', 'request valid, response valid', '/json', JSON_TYPE, bytes(`{${times(80_000, (i) => `"k${i}":1`, ',')}}`)),
  post('a text for the pattern', 'request invalid, response valid', '/json', JSON_TYPE, bytes(`"${'a'.repeat(MIB - 10)}b"`)),
  post(
    'names that objects inherit',
    'request valid, response valid',
    '/json',
    JSON_TYPE,
    bytes('{"__proto__":{"__proto__":{"toString":1}},"constructor":{"prototype":[]}}'),
  ),
  answered('an answer that is a bomb', 'request valid, response skipped too_large', 'application/json', () => [BOMB], 'gzip'),
  answered(
    'events without a line',
    'request valid, response skipped stream',
    'text/event-stream',
    chunksOf(Buffer.alloc(MIB / 4, 'data'), 32),
  ),
  answered(
    'lines without an end',
    'request valid, response skipped too_large',
    'application/x-ndjson',
    chunksOf(Buffer.alloc(MIB / 4, '{"a":'), 32),
  ),
  answered(
    'a million lines',
    'request valid, response skipped overload',
    'application/x-ndjson',
    chunksOf(Buffer.from('{}\n'.repeat(80_000)), 12),
  ),
  answered(
    'a million events',
    'request valid, response skipped stream',
    'text/event-stream',
    chunksOf(Buffer.from('data: {}\n\n'.repeat(25_000)), 40),
  ),
  answered('entities of entities', 'request valid, response skipped media_type', 'application/xml', () => [
    Buffer.from(`<!DOCTYPE l [<!ENTITY l0 "ha">${times(12, (i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`)}]><l>&l12;</l>`),
  ]),
  answered('elements in elements', 'request valid, response skipped media_type', 'application/xml', () => [
    Buffer.from('<a>'.repeat(300_000)),
  ]),
];
