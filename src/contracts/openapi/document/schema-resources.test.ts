import { describe, expect, it } from 'vitest';
import { api, json, load, ok, request, say } from '../testing.ts';

/** What a contract with these component schemas says of a JSON body under one of them; `refused …` with the errors where there is none. */
async function judged(schemas: Record<string, unknown>, use: unknown, body: unknown, files: Record<string, unknown> = {}): Promise<string> {
  const document = api({ '/x': { post: { requestBody: { content: json(use) }, responses: ok } } }, { components: { schemas } });
  const { contract, problems } = await load({ 'api/main.json': document, ...files });
  if (contract === undefined)
    return problems
      .filter(({ severity }) => severity === 'error')
      .map(({ code, message }) => `refused ${code}: ${message}`)
      .join('; ');
  return say(request(contract, 'POST /x', { body: JSON.stringify(body) }));
}

describe('schema resources', () => {
  it('$id is resolved against the $id around it', async () => {
    const schemas = {
      A: { $id: 'https://x.example/a/', $defs: { b: { $id: 'b/', $defs: { c: { $id: 'c', type: 'string' } } } }, $ref: 'b/c' },
    };
    expect(await judged(schemas, { $ref: '#/components/schemas/A' }, 'text')).toBe('valid');
    expect(await judged(schemas, { $ref: 'https://x.example/a/b/c' }, 1)).toBe('type body');
  });

  it('relative to the file where none is around it: two folders are two names', async () => {
    const files = { 'other/more.json': { T: { $id: 'thing', type: 'boolean' } } };
    const use = { anyOf: [{ $ref: 'thing' }, { $ref: '../other/more.json#/T' }] };
    expect(await judged({ T: { $id: 'thing', type: 'string' } }, use, 'text', files)).toBe('valid');
    expect(await judged({ T: { $id: 'thing', type: 'string' } }, { $ref: '../other/thing' }, true, files)).toMatch(/^refused/);
    const also = { T: { $id: 'thing', type: 'string' }, U: { $ref: '../other/more.json#/T' } };
    expect(await judged(also, { allOf: [{ $ref: '../other/thing' }, { $ref: '#/components/schemas/U' }] }, true, files)).toBe('valid');
  });

  it('pointers and anchors are looked for in the resource', async () => {
    const schemas = {
      A: {
        $id: 'https://x.example/a',
        $defs: { n: { $anchor: 'n', type: 'number' } },
        properties: { p: { $ref: '#/$defs/n' }, q: { $ref: '#n' } },
      },
      B: { $anchor: 'n', type: 'string' },
    };
    const use = { allOf: [{ $ref: '#/components/schemas/A' }, { properties: { r: { $ref: '#n' } } }] };
    expect(await judged(schemas, use, { p: 1, q: 2, r: 'x' })).toBe('valid');
    expect(await judged(schemas, use, { p: 'x', q: 'x', r: 1 })).toBe('type body /p; type body /q; type body /r');
    expect(await judged({ A: schemas.A }, { $ref: '#n' }, 1)).toMatch(/^refused unresolved_reference: no anchor n/);
  });

  it('a pointer of the whole document is understood inside a resource too, where nothing else is meant', async () => {
    const schemas = { A: { $id: 'https://x.example/a', $ref: '#/components/schemas/B' }, B: { type: 'string' } };
    expect(await judged(schemas, { $ref: '#/components/schemas/A' }, 1)).toBe('type body');
  });

  it('two schemas with one $id: an error, unless they are copies', async () => {
    const copy = { $id: 'https://x.example/a', type: 'string' };
    expect(await judged({ A: copy, B: { ...copy } }, { $ref: 'https://x.example/a' }, 1)).toBe('type body');
    expect(await judged({ A: copy, B: { ...copy, type: 'number' } }, { $ref: 'https://x.example/a' }, 1)).toMatch(
      /several schemas have the \$id/,
    );
  });

  it('two places with one anchor: an error where somebody refers to it', async () => {
    const schemas = { A: { $anchor: 'a', type: 'string' }, B: { $anchor: 'a', type: 'number' } };
    expect(await judged(schemas, { type: 'string' }, 'x')).toBe('valid');
    expect(await judged(schemas, { $ref: '#a' }, 'x')).toMatch(/several places of .* have the anchor a/);
  });

  it.each([
    ['enum', { enum: [{ $id: 'https://x.example/n', type: 'null' }] }],
    ['const', { const: { $anchor: 'n', type: 'null' } }],
    ['example', { example: { $id: 'https://x.example/n', type: 'null' } }],
    ['an unknown keyword', { unheardOf: { $id: 'https://x.example/n', $anchor: 'n', type: 'null' } }],
    ['a property of that name', { properties: { $id: { type: 'string' }, $anchor: { type: 'string' } } }],
  ])('what stands in %s is data', async (_, data) => {
    const schemas = { Data: data, N: { $id: 'https://x.example/n', type: 'number' }, M: { $anchor: 'n', type: 'number' } };
    expect(await judged(schemas, { allOf: [{ $ref: 'https://x.example/n' }, { $ref: '#n' }] }, 1)).toBe('valid');
  });

  it('in 3.0 they are no keywords', async () => {
    const schemas = { A: { $id: 'https://x.example/a', properties: { b: { $ref: '#/components/schemas/B' } } }, B: { type: 'string' } };
    const document = api(
      { '/x': { post: { requestBody: { content: json({ $ref: '#/components/schemas/A' }) }, responses: ok } } },
      {
        openapi: '3.0.4',
        components: { schemas },
      },
    );
    const { contract } = await load({ 'api.json': document });
    expect(contract && say(request(contract, 'POST /x', { body: '{"b": 1}' }))).toBe('type body /b');
    const byId = api(
      { '/x': { post: { requestBody: { content: json({ $ref: 'https://x.example/a' }) }, responses: ok } } },
      {
        openapi: '3.0.4',
        components: { schemas },
      },
    );
    expect((await load({ 'api.json': byId })).contract).toBeUndefined();
  });

  it('the meta-schema of 2020-12 is known', async () => {
    const use = { $ref: 'https://json-schema.org/draft/2020-12/schema' };
    expect(await judged({}, use, { type: 'object', properties: { a: { minLength: 1 } } })).toBe('valid');
    expect(await judged({}, use, { properties: { a: { minLength: -1 } } })).toBe('minimum body /properties/a/minLength');
  });
});

describe('dynamic references', () => {
  const tree = {
    $id: 'https://x.example/tree',
    $dynamicAnchor: 'node',
    type: 'object',
    properties: { children: { items: { $dynamicRef: '#node' } } },
  };
  const strict = { $id: 'https://x.example/strict', $dynamicAnchor: 'node', $ref: 'tree', unevaluatedProperties: false };

  it('mean the outermost anchor on the way', async () => {
    const value = { children: [{ daat: 1 }] };
    expect(await judged({ tree, strict }, { $ref: 'https://x.example/tree' }, value)).toBe('valid');
    expect(await judged({ tree, strict }, { $ref: 'https://x.example/strict' }, value)).toBe('unevaluatedProperties body /children/0/daat');
  });

  it('whatever is compiled of the way that leads there', async () => {
    const page = { $id: 'https://x.example/page', $defs: { item: { $dynamicAnchor: 'item' } }, items: { $dynamicRef: '#item' } };
    const names = { $id: 'https://x.example/names', $defs: { item: { $dynamicAnchor: 'item', type: 'string' } }, $ref: 'page' };
    const { contract } = await load({
      'a.json': api(
        { '/x': { post: { requestBody: { content: json({ allOf: [{ $ref: 'https://x.example/names' }] }) }, responses: ok } } },
        { components: { schemas: { page, names } } },
      ),
    });
    if (contract === undefined) throw new Error('refused');
    for (let more = true; more; ) more = contract.warmUp();
    expect(say(request(contract, 'POST /x', { body: '["a"]' }))).toBe('valid');
    expect(say(request(contract, 'POST /x', { body: '["a", 1]' }))).toBe('type body /1');
  });

  it('are an error where they lead nowhere', async () => {
    expect(await judged({ tree }, { $dynamicRef: '#nowhere' }, {})).toMatch(/^refused unresolved_reference: no anchor nowhere/);
  });
});

describe('dialects', () => {
  const draft4 = 'http://json-schema.org/draft-04/schema#';

  it.each([
    ['https://json-schema.org/draft/2020-12/schema', 'type body'],
    ['https://json-schema.org/draft/2020-12/schema#', 'type body'],
    ['https://spec.openapis.org/oas/3.1/dialect/base', 'type body'],
    ['https://spec.openapis.org/oas/3.2/dialect/2025-09-17', 'type body'],
    [draft4, 'skipped no_schema'],
    ['https://json-schema.org/draft/2019-09/schema', 'skipped no_schema'],
    ['https://x.example/own', 'skipped no_schema'],
  ])('$schema %s', async ($schema, said) => {
    expect(await judged({ A: { $schema, type: 'string' } }, { $ref: '#/components/schemas/A' }, 1)).toBe(said);
  });

  it('holds for what lies in the schema, and for nothing else', async () => {
    const schemas = { A: { $schema: draft4, properties: { a: { type: 'string' } } }, B: { type: 'string' } };
    expect(await judged(schemas, { $ref: '#/components/schemas/A/properties/a' }, 1)).toBe('skipped no_schema');
    expect(await judged(schemas, { $ref: '#/components/schemas/B' }, 1)).toBe('type body');
  });

  it('jsonSchemaDialect is that of all schemas of the document without one of their own', async () => {
    const document = api(
      {
        '/x': { post: { requestBody: { content: json({ type: 'string' }) }, responses: ok } },
        '/y': {
          post: {
            requestBody: { content: json({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' }) },
            responses: ok,
          },
        },
      },
      { jsonSchemaDialect: draft4 },
    );
    const { contract, problems } = await load({ 'api.json': document });
    if (contract === undefined) throw new Error('refused');
    expect(say(request(contract, 'POST /x', { body: '1' }))).toBe('skipped no_schema');
    expect(say(request(contract, 'POST /y', { body: '1' }))).toBe('type body');
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toContain('not_judged /jsonSchemaDialect');
  });

  it('a meta-schema among the schemas says which vocabularies there are', async () => {
    const vocab = (name: string): string => `https://json-schema.org/draft/2020-12/vocab/${name}`;
    const meta = (more: Record<string, boolean>) => ({
      $id: 'https://x.example/meta',
      $vocabulary: { [vocab('core')]: true, [vocab('applicator')]: true, ...more },
    });
    const use = { $schema: 'https://x.example/meta', properties: { a: { type: 'string' }, b: false } };
    expect(await judged({ M: meta({}) }, use, { a: 1 })).toBe('valid');
    expect(await judged({ M: meta({}) }, use, { b: 1 })).toBe('not body /b');
    expect(await judged({ M: meta({ [vocab('validation')]: true }) }, use, { a: 1 })).toBe('type body /a');
    expect(await judged({ M: meta({ 'https://x.example/own': false, [vocab('validation')]: true }) }, use, { a: 1 })).toBe('type body /a');
    expect(await judged({ M: meta({ 'https://x.example/own': true }) }, use, { a: 1 })).toBe('skipped no_schema');
  });

  it('what never ends is not judged', async () => {
    expect(
      await judged({ A: { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/A' }] } }, { $ref: '#/components/schemas/A' }, 1),
    ).toBe('skipped no_schema');
    const schemas = { A: { allOf: [{ $ref: '#/components/schemas/B' }] }, B: { not: { $ref: '#/components/schemas/A' } } };
    expect(await judged(schemas, { properties: { a: { $ref: '#/components/schemas/A' } } }, { a: 1 })).toBe('skipped no_schema');
    expect(await judged(schemas, { properties: { a: { $ref: '#/components/schemas/A' } } }, {})).toBe('valid');
  });
});
