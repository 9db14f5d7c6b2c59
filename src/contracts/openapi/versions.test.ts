import { describe, expect, it } from 'vitest';
import { api, contractOf, json, load, ok, request, say } from './testing.ts';

const in32 = (paths: Readonly<Record<string, unknown>>, more: object = {}) => api(paths, { openapi: '3.2.0', ...more });
const sent = async (document: unknown, line: string, body?: string) =>
  say(request(await contractOf(document), line, body === undefined ? {} : { body }));

describe('OpenAPI 3.2', () => {
  it('QUERY has a body with a meaning', async () => {
    const document = in32({
      '/a': { query: { requestBody: { required: true, content: json({ type: 'object' }) }, responses: ok } },
      '/b': { query: { responses: ok } },
    });
    expect(await sent(document, 'QUERY /a', '{}')).toBe('valid');
    expect(await sent(document, 'QUERY /a', '[]')).toBe('type body');
    expect(await sent(document, 'QUERY /a')).toBe('body_required body');
    expect(await sent(document, 'QUERY /b', '{}')).toBe('undocumented_body body');
  });

  it('other methods are taken as they are written, and told in Allow', async () => {
    const document = in32({
      '/a': { get: { responses: ok }, additionalOperations: { COPY: { responses: ok }, purge: { responses: ok } } },
    });
    expect(await sent(document, 'COPY /a')).toBe('valid');
    expect(await sent(document, 'purge /a')).toBe('valid');
    expect(await sent(document, 'PURGE /a')).toBe('no method, but COPY GET HEAD purge');
    expect((await contractOf(document)).operations.map(({ id }) => id)).toEqual(['GET /a', 'COPY /a', 'purge /a']);
  });

  it.each([
    ['POST', 'error bad_method'],
    ['QUERY', 'error bad_method'],
    ['A B', 'error bad_method'],
    ['post', 'warning bad_method'],
    ['M-SEARCH', ''],
  ])('additionalOperations may not have %s: %s', async (method, expected) => {
    const { problems } = await load({ 'a.json': in32({ '/a': { additionalOperations: { [method]: { responses: ok } } } }) });
    expect(problems.map((p) => `${p.severity} ${p.code}`).join()).toBe(expected);
  });

  it('a document is found by the name that it gives itself, and refers from there', async () => {
    const body = (ref: string) => ({ post: { requestBody: { content: json({ $ref: ref }) }, responses: ok } });
    const files = {
      'root.json': in32(
        {
          '/a': body('https://x.example/v1/api#/components/schemas/A'),
          '/b': body('shared#/components/schemas/B'),
          '/c': body('parts.json#/C'),
        },
        { $self: 'https://x.example/v1/api', components: { schemas: { A: { type: 'string' } } } },
      ),
      'parts.json': in32(
        {},
        { $self: 'https://x.example/v1/shared', components: { schemas: { B: { type: 'number' } } }, C: { type: 'null' } },
      ),
    };
    const { contract, problems } = await load(files);
    if (contract === undefined) throw new Error(JSON.stringify(problems));
    const answers = ['/a', '/b', '/c'].map((path) =>
      ['"a"', '1', 'null'].map((text) => say(request(contract, `POST ${path}`, { body: text }))),
    );
    expect(answers).toEqual([
      ['valid', 'type body', 'type body'],
      ['type body', 'valid', 'type body'],
      ['type body', 'type body', 'valid'],
    ]);
  });

  it('nothing is fetched for a name that nobody here has', async () => {
    const document = in32(
      { '/a': { get: { responses: { 200: { $ref: 'https://x.example/v2/api#/R' } } } } },
      { $self: 'https://x.example/v1/api' },
    );
    expect((await load({ 'a.json': document })).problems.map(({ code }) => code)).toContain('remote_reference');
  });

  it('a name with a fragment, or that is none, is refused', async () => {
    for (const $self of ['https://x.example/api#a', 1])
      expect((await load({ 'a.json': in32({}, { $self }) })).problems.map(({ code }) => code)).toContain('bad_self');
  });
});

it('in 3.1 what 3.2 brought is not read, and said to be so', async () => {
  const document = api(
    { '/a': { query: { responses: ok }, additionalOperations: { COPY: { responses: ok } } } },
    { $self: 'https://x.example/api', tags: [{ name: 'a', parent: 'b' }] },
  );
  const { contract, problems } = await load({ 'a.json': document });
  expect(
    problems
      .filter(({ code }) => code === 'not_in_this_version')
      .map(({ pointer }) => pointer)
      .sort(),
  ).toEqual(['/$self', '/paths/~1a/additionalOperations', '/paths/~1a/query', '/tags/0/parent']);
  expect(contract?.operations).toEqual([]);
});
