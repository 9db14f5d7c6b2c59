import { describe, expect, it } from 'vitest';
import { api, contractOf, type Files, json, load, ok, request, response, say } from './testing.ts';

const problemsOf = async (files: Files, eager: 'eager' | 'lazy' = 'lazy'): Promise<string[]> =>
  (await load(files, { eager: eager === 'eager' })).problems.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`);
const yaml = (rest: string, version = '3.0.3'): Files => ({ 'a.yaml': `openapi: ${version}\ninfo: { title: T, version: "1" }\n${rest}` });

describe('maps have no extensions: a name with x- is a name', () => {
  it('of a header, a media type and a security scheme', async () => {
    const answer = {
      description: '',
      headers: { 'x-count': { required: true, schema: { type: 'integer' } } },
      content: { 'x-world/x-3dmf': {}, 'x-note': { any: 'thing' } },
    };
    const document = api(
      { '/a': { get: { security: [{ 'x-key': [] }], responses: { 200: answer } } } },
      { components: { securitySchemes: { 'x-key': { type: 'apiKey', in: 'header', name: 'X-Key' } } } },
    );
    const contract = await contractOf(document);
    expect(say(request(contract, 'GET /a'))).toBe('credentials security');
    const world = ['Content-Type', 'x-world/x-3dmf'];
    expect(say(response(contract, 'GET /a', { headers: [...world, 'X-Count', '1'], body: 'w' }))).toBe('valid');
    expect(say(response(contract, 'GET /a', { headers: [...world, 'X-Count', 'x'], body: 'w' }))).toBe('type header /x-count');
  });

  it('of a webhook', async () => {
    const contract = await contractOf(api({}, { webhooks: { 'x-hook': { post: { responses: ok } } } }));
    expect(contract.webhooks?.names).toEqual(['x-hook']);
  });

  it('and what is no such thing is left alone', async () => {
    const headers = { 'x-internal': true };
    const document = api({ '/a': { get: { responses: { 200: { description: '', headers } } } } }, { components: { headers } });
    expect(await problemsOf({ 'a.json': document })).toEqual([]);
  });
});

describe('YAML', () => {
  it('merge keys bring in what they name, and what stands beside them wins', async () => {
    const { contract, problems } = await load(
      yaml(`
x-base: &base { responses: { 200: { description: fine } }, requestBody: { content: { application/json: { schema: &s { type: object, properties: { a: { type: integer } } } } } } }
paths:
  /a: { post: { <<: *base } }
  /b: { post: { <<: *base, requestBody: { content: { application/json: { schema: { <<: *s, additionalProperties: false } } } } } }
`),
    );
    if (contract === undefined) throw new Error(JSON.stringify(problems));
    expect(say(request(contract, 'POST /a', { body: '{"a":"x"}' }))).toBe('type body /a');
    expect(say(request(contract, 'POST /b', { body: '{"a":1}' }))).toBe('valid');
    expect(say(request(contract, 'POST /b', { body: '{"b":1}' }))).toBe('additionalProperties body /b');
  });

  it('merge keys are bounded', async () => {
    const bomb = `x-m: &m { ${Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join()} }\nx-n: [${'{ <<: *m },'.repeat(600)}]\npaths: {}`;
    expect(await problemsOf(yaml(bomb))).toEqual(['error not_parsed ']);
  });

  it('a key without a value is as if it were left out', async () => {
    const files = yaml(
      'servers:\nsecurity:\ntags:\npaths:\n  /a:\n    get:\n      parameters:\n      security:\n      responses: { 200: { description: d } }\n',
    );
    expect(await problemsOf(files)).toEqual(
      ['/servers', '/security', '/tags', '/paths/~1a/get/parameters', '/paths/~1a/get/security'].map((at) => `warning wrong_type ${at}`),
    );
  });

  it('a security without a value does not take away what the document asks for', async () => {
    const { contract } = await load(
      yaml(`
security: [{ k: [] }]
components: { securitySchemes: { k: { type: apiKey, in: header, name: X-Key } } }
paths: { /a: { get: { security: , responses: { 200: { description: d } } } } }
`),
    );
    if (contract === undefined) throw new Error('refused');
    expect(say(request(contract, 'GET /a'))).toBe('credentials security');
  });

  it('yes and no are text there: what should be true or false is told', async () => {
    const files = yaml(
      'paths: { /a: { get: { parameters: [{ name: q, in: query, required: yes, schema: { type: string, readOnly: no } }], responses: { default: { description: d } } } } }',
    );
    const at = '/paths/~1a/get/parameters/0';
    expect((await problemsOf(files, 'eager')).filter((one) => one.includes('wrong_type'))).toEqual([
      `warning wrong_type ${at}/required`,
      `warning wrong_type ${at}/schema/readOnly`,
    ]);
  });

  it('a schema that an alias puts within itself comes to an end', async () => {
    const schema = '&s { type: object, properties: { n: { type: integer }, next: *s } }';
    const { contract, problems } = await load(
      yaml(
        `paths: { /a: { post: { requestBody: { content: { application/json: { schema: ${schema} } } }, responses: { 200: { description: d } } } } }`,
      ),
      { eager: true },
    );
    if (contract === undefined) throw new Error(JSON.stringify(problems));
    expect(say(request(contract, 'POST /a', { body: '{"next":{"next":{"n":"x"}}}' }))).toBe('type body /next/next/n');
  });

  it('an example that aliases make enormous is not looked at', async () => {
    const lines = ['x-0: &a0 { a: x }', ...Array.from({ length: 30 }, (_, i) => `x-${i + 1}: &a${i + 1} { a: *a${i}, b: *a${i} }`)];
    const content = '{ application/json: { schema: { type: string }, example: *a30 } }';
    const files = yaml(`${lines.join('\n')}\npaths: { /a: { get: { responses: { default: { description: d, content: ${content} } } } } }`);
    expect(await problemsOf(files, 'eager')).toEqual([]);
  });
});

describe('schemas within schemas', () => {
  it('without end in sight are refused, before they fill the memory', async () => {
    const document = JSON.stringify(api({ '/a': { post: { requestBody: { content: json('deep') }, responses: ok } } }));
    const deep = `${'{"items":'.repeat(9000)}{}${'}'.repeat(9000)}`;
    expect(
      (await load({ 'a.json': document.replace('"deep"', deep) })).problems.map(({ code, pointer }) => [code, pointer.length <= 1000]),
    ).toEqual([['bad_schema', true]]);
  });
});

describe('a path', () => {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'integer' } };
  const format = { name: 'format', in: 'path', required: true, schema: { type: 'string' } };

  it('may have parameters with nothing between them: they are found, and not judged', async () => {
    const paths = { '/a/{id}{format}/b': { parameters: [id, format], get: { responses: ok } } };
    const contract = await contractOf(api(paths));
    expect(say(request(contract, 'GET /a/x.json/b'))).toBe('skipped unsupported');
    expect(say(request(contract, 'GET /a//b'))).toBe('no path');
    expect(await problemsOf({ 'a.json': api(paths) })).toEqual([
      'warning not_judged /paths/~1a~1{id}{format}~1b/parameters/0',
      'warning not_judged /paths/~1a~1{id}{format}~1b/parameters/1',
    ]);
  });

  it('refers to another one by text', async () => {
    expect(await problemsOf({ 'a.json': api({ '/a': { $ref: 5 } }) })).toEqual(['error bad_reference /paths/~1a/$ref']);
  });
});
