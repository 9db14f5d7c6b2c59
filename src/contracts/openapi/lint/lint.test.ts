import { describe, expect, it } from 'vitest';
import { api, json, load } from '../testing.ts';
import { type Paths, answers, lints, messages, sends } from './testing.ts';

describe('what answers are described', () => {
  const get = (responses: unknown): Paths => ({ '/x': { get: { responses } } });
  const CODES = ['missing_error_response', 'missing_error_schema', 'missing_response_schema'];
  const fine = { 200: { description: '', content: json({ type: 'object' }) } };
  const error = { 404: { description: '', content: json({ type: 'object' }) } };

  it.each<readonly [title: string, responses: unknown, expected: readonly string[]]>([
    ['no error at all', fine, ['warning missing_error_response /responses']],
    ['an error', { ...fine, ...error }, []],
    ['a default', { ...fine, default: error[404] }, []],
    ['a range', { ...fine, '4XX': error[404] }, []],
    ['an error without a body', { ...fine, 404: { description: '' } }, ['info missing_error_schema /responses/404']],
    [
      'an error of JSON without a schema',
      { ...fine, 404: { description: '', content: { 'application/json': {} } } },
      ['info missing_error_schema /responses/404'],
    ],
    ['an error page', { ...fine, 404: { description: '', content: { 'text/html': {} } } }, []],
    ['no body', { 200: { description: '' }, ...error }, ['info missing_response_schema /responses/200']],
    ['no body where there is none', { 204: { description: '' }, 304: { description: '' }, ...error }, []],
    [
      'JSON without a schema',
      { 200: { description: '', content: { 'application/json': {} } }, ...error },
      ['warning missing_response_schema /responses/200/content/application~1json'],
    ],
    ['bytes without a schema', { 200: { description: '', content: { 'image/png': {} } }, ...error }, []],
  ])('%s', async (_, responses, expected) => {
    expect(await lints(api(get(responses)), ...CODES)).toEqual(expected.map((one) => one.replace(' /', ' /paths/~1x/get/')));
  });
});

describe('repeat stories', () => {
  const responses = { default: { description: '' } };
  const header = (name: string) => ({ parameters: [{ name, in: 'header', schema: {} }], responses });

  it.each<readonly [title: string, item: unknown, told: boolean]>([
    ['POST', { post: { responses } }, true],
    ['PATCH', { patch: { responses } }, true],
    ['PUT', { put: { responses } }, false],
    ['DELETE', { delete: { responses } }, false],
    ['QUERY', { query: { responses } }, false],
    ['another method', { additionalOperations: { LOCK: { responses } } }, true],
    ['with an idempotency key', { post: header('Idempotency-Key') }, false],
    ['with one of the vendor’s own', { post: header('X-Acme-Idempotency-Key') }, false],
    ['with If-Match', { patch: header('If-Match') }, false],
    ['with another header', { post: header('X-Request-ID') }, true],
    ['said to be harmless', { post: { 'x-idempotent': true, responses } }, false],
    ['of a method that may be repeated by the registry', { additionalOperations: { COPY: { responses }, PROPFIND: { responses } } }, false],
    ['of another one', { additionalOperations: { LOCK: { responses } } }, true],
    ['said not to be', { post: { 'x-idempotent': false, responses } }, true],
    ['said for the whole path', { parameters: [{ name: 'Idempotency-Key', in: 'header', schema: {} }], post: { responses } }, false],
  ])('%s', async (_, item, told) => {
    expect(await lints(api({ '/x': item }, { openapi: '3.2.0' }), 'no_repeat_story')).toHaveLength(told ? 1 : 0);
  });
});

describe('paths', () => {
  const responses = { default: { description: '' } };
  const path = (template: string, method = 'get'): Paths => ({
    [template]: {
      [method]: {
        parameters: [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: {} })),
        responses,
      },
    },
  });

  it('one that stands at the same place as another, through another server, is never reached', async () => {
    const own = { ...path('/v1/x') } as Record<string, Record<string, unknown>>;
    const document = api({ '/x': { get: { servers: [{ url: '/v1' }], responses } }, ...own });
    expect(await lints(document, 'unreachable_path')).toEqual(['warning unreachable_path /paths/~1v1~1x/get']);
  });

  it.each(['/a//b', '/a/../b', '/.'])('%s cannot be requested', async (template) => {
    expect(await lints(api(path(template)), 'unreachable_path')).toHaveLength(1);
  });

  it.each<readonly [a: string, b: string, told: string]>([
    ['/{entity}/me', '/books/{id}', 'info'],
    ['/a-{x}/{y}', '/{x}-b/{y}', 'warning'],
    ['/a-{x}', '/{x}-b', 'warning'],
    ['/users/me', '/users/{id}', ''],
    ['/users/{id}/x', '/users/{id}/y', ''],
    ['/users/{a}/x', '/users/{b}/{c}', ''],
    ['/a/{b}', '/c/{d}', ''],
    ['/{a}.json', '/{a}', ''],
    ['/{a}/x', '/b/{c}/d', ''],
  ])('%s beside %s: %s', async (a, b, told) => {
    const found = await lints(api({ ...path(a), ...path(b) }), 'overlapping_paths');
    expect(found.map((one) => one.split(' ')[0]).join()).toBe(told);
  });

  it('overlap only where they share a method', async () => {
    expect(await lints(api({ ...path('/{entity}/me'), ...path('/books/{id}', 'put') }), 'overlapping_paths')).toEqual([]);
  });

  it('that overlap are told with a path that fits both, and the one that is taken', async () => {
    expect(await messages(api({ ...path('/{entity}/me'), ...path('/books/{id}') }), 'overlapping_paths')).toEqual([
      'GET /books/me fits /{entity}/me and /books/{id}: the specification leaves open which one is meant; here it is /books/{id}',
    ]);
  });
});

describe('patterns', () => {
  it('that a backtracking engine could take for ever are named; they are judged here', async () => {
    const schema = {
      type: 'object',
      properties: { a: { pattern: '^(a+)+$' }, b: { pattern: '^a+$' } },
      patternProperties: { '^(b*)*$': {} },
    };
    expect(await lints(api(sends(json(schema))), 'unsafe_pattern')).toEqual([
      'info unsafe_pattern /paths/~1x/put/requestBody/content/application~1json/schema/properties/a/pattern',
      'info unsafe_pattern /paths/~1x/put/requestBody/content/application~1json/schema/patternProperties/^(b*)*$',
    ]);
  });

  it('that nothing can run safely are a warning', async () => {
    expect(await lints(api(sends(json({ pattern: '^(?=(a+)+$)a' }))), 'pattern_not_judged')).toHaveLength(1);
  });
});

describe('fields', () => {
  const responses = { default: { description: '' } };

  it.each<readonly [title: string, document: Readonly<Record<string, unknown>>, expected: string]>([
    ['a slip', api({ '/x': { get: { responses, paramters: [] } } }), 'warning unknown_field /paths/~1x/get/paramters'],
    ['of the document', api({}, { Components: {}, webhooks: {} }), 'warning unknown_field /Components'],
    ['of components', api({}, { components: { schema: {} } }), 'warning unknown_field /components/schema'],
    ['of components of a later version', api({}, { components: { mediaTypes: {} } }), 'warning not_in_this_version /components/mediaTypes'],
    [
      'of an answer',
      api({ '/x': { get: { responses: { default: { description: '', contents: {} } } } } }),
      'warning unknown_field /paths/~1x/get/responses/default/contents',
    ],
    [
      'of a media type of a later version',
      api(answers({ 'application/jsonl': { itemSchema: {} } })),
      'warning not_in_this_version /paths/~1x/get/responses/200/content/application~1jsonl/itemSchema',
    ],
    ['webhooks in 3.0', api({}, { openapi: '3.0.3', webhooks: {} }), 'warning not_in_this_version /webhooks'],
  ])('%s', async (_, document, expected) => {
    expect(await lints(document, 'unknown_field', 'not_in_this_version')).toEqual([expected]);
  });

  it('of 3.2 and extensions are known', async () => {
    const document = api(
      {
        '/x': {
          get: {
            'x-anything': 1,
            responses: {
              default: { summary: 's', description: 'd', content: { 'application/jsonl': { itemSchema: {}, itemEncoding: {} } } },
            },
          },
        },
      },
      {
        openapi: '3.2.0',
        $self: 'https://x.example/api',
        servers: [{ name: 'live', url: '/' }],
        tags: [{ name: 'a', summary: 'A', kind: 'nav' }],
        webhooks: {},
        components: { mediaTypes: {}, pathItems: {} },
        'x-mine': true,
      },
    );
    expect(await lints(document, 'unknown_field', 'not_in_this_version')).toEqual([]);
  });
});

it('none of it is looked for where nobody asks: a start takes no time for it', async () => {
  const { problems } = await load({ 'api.json': api({ '/x': { post: { responses: { 200: { description: '' } } } } }) });
  expect(problems).toEqual([]);
});
