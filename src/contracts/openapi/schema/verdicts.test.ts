import { describe, expect, it } from 'vitest';
import { api, contractOf, json, ok, request, say, under } from '../testing.ts';

const pet = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };

describe('verdicts on values', () => {
  describe('readOnly and writeOnly', () => {
    const base = {
      type: 'object',
      required: ['id', 'name', 'secret'],
      properties: { id: { type: 'integer', readOnly: true }, name: { type: 'string' }, secret: { type: 'string', writeOnly: true } },
    };

    it.each([
      ['directly', base, {}],
      ['through $ref', { $ref: '#/components/schemas/B' }, { B: base }],
      ['through allOf', { allOf: [{ $ref: '#/components/schemas/B' }, { required: ['id'] }] }, { B: base }],
      [
        'required outside, declared in allOf',
        { required: ['id', 'name', 'secret'], allOf: [{ $ref: '#/components/schemas/B' }] },
        { B: { ...base, required: [] } },
      ],
      [
        'required in one part of allOf, declared in the other',
        { allOf: [{ $ref: '#/components/schemas/R' }, { $ref: '#/components/schemas/B' }] },
        { B: { ...base, required: [] }, R: { required: ['id', 'name', 'secret'] } },
      ],
      [
        'the flag stands in what the property refers to',
        { $ref: '#/components/schemas/B' },
        {
          B: { ...base, properties: { ...base.properties, id: { $ref: '#/components/schemas/Id' } } },
          Id: { type: 'integer', readOnly: true },
        },
      ],
    ])('%s', async (_, schema, schemas) => {
      for (const openapi of ['3.0.3', '3.1.0']) {
        const judged = await under(schema, { openapi, components: { schemas } });
        expect(judged.sent({ name: 'a', secret: 's' })).toBe('valid');
        expect(judged.sent({ id: 1, name: 'a', secret: 's' })).toBe('valid');
        expect(judged.sent({ id: 1, name: 'a' })).toBe('required body /secret');
        expect(judged.answered({ id: 1, name: 'a' })).toBe('valid');
        expect(judged.answered({ name: 'a' })).toBe('required body /id');
      }
    });
  });

  describe('what a side may leave out tells no branches apart', () => {
    const a = { type: 'object', required: ['id'], properties: { id: { type: 'integer', readOnly: true } } };
    const components = { schemas: { A: a, B: { type: 'object', required: ['name'] } } };
    const refA = { $ref: '#/components/schemas/A' };

    it.each(['3.0.3', '3.1.0'])('oneOf, not, if: in %s', async (openapi) => {
      const oneOf = await under({ oneOf: [refA, { $ref: '#/components/schemas/B' }] }, { openapi, components });
      expect(oneOf.sent({ name: 'a' })).toBe('valid');
      expect(oneOf.sent({})).toBe('valid');
      expect(oneOf.sent({ id: 1, name: 'a' })).toBe('oneOf body');
      expect(oneOf.answered({ name: 'a' })).toBe('valid');
      expect(oneOf.answered({})).toBe('required body /id');
      const not = await under({ not: refA }, { openapi, components });
      expect([not.sent({ name: 'a' }), not.sent({ id: 1 })]).toEqual(['valid', 'not body']);
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      const condition = await under({ if: refA, then: { required: ['etag'] } }, { openapi, components });
      expect([condition.sent({ name: 'a' }), condition.sent({ id: 1 })]).toEqual(['valid', 'required body /etag']);
    });

    it('nor once compiled', async () => {
      const contract = await contractOf(
        api(
          { '/x': { post: { requestBody: { content: json({ oneOf: [refA, { $ref: '#/components/schemas/B' }] }) }, responses: ok } } },
          { components },
        ),
      );
      for (let more = true; more; ) more = contract.warmUp();
      expect(say(request(contract, 'POST /x', { body: '{"name": "a"}' }))).toBe('valid');
      expect(say(request(contract, 'POST /x', { body: '{"name": "a", "id": 1}' }))).toBe('oneOf body');
    });

    it('branches that ask the same of it overlap as they are', async () => {
      const asks = (name: string): object => ({ ...a, required: ['id', name] });
      const judged = await under({ oneOf: [asks('a'), asks('b')] });
      expect([judged.sent({ a: 1 }), judged.sent({ a: 1, b: 1 })]).toEqual(['valid', 'oneOf body']);
    });

    it.each([
      [
        'a branch of the property',
        { required: ['id'], properties: { id: { anyOf: [{ type: 'integer', readOnly: true }, { type: 'null' }] } } },
      ],
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      ['a condition beside it', { required: ['id'], if: true, then: { properties: { id: { readOnly: true } } } }],
      ['asked for by another', { dependentRequired: { name: ['id'] }, properties: { id: { readOnly: true } } }],
    ])('the flag in %s', async (_, schema) => {
      const judged = await under(schema);
      expect([judged.sent({ name: 'a' }), judged.sent({ name: 'a', id: 1 })]).toEqual(['valid', 'valid']);
      expect(judged.answered({ name: 'a' })).toMatch(/^(dependentR|r)equired body \/id$/);
    });
  });

  it('says where the rule stands', async () => {
    const judged = await under(
      { type: 'object', properties: { 'a/b': { $ref: '#/components/schemas/P' } } },
      { components: { schemas: { P: pet } } },
    );
    const [violation] = judged.violations({ 'a/b': { name: 1 } });
    expect(violation).toEqual({
      rule: 'type',
      side: 'request',
      location: 'body',
      pointer: '/a~1b/name',
      specPointer: '/components/schemas/P/properties/name/type',
      detail: 'must be string',
      value: '1',
      trait: { place: '/a~1b/name', type: 'integer' },
    });
  });

  it('keeps the place of a rule under a nullable schema', async () => {
    const judged = await under(
      {
        type: 'object',
        nullable: true,
        not: { required: ['z'] },
        properties: { a: { type: 'string', nullable: true, maxLength: 1, enum: ['a'] } },
      },
      { openapi: '3.0.1' },
    );
    expect(judged.violations({ a: 'long' })[0]?.specPointer).toBe(
      '/paths/~1x/post/requestBody/content/application~1json/schema/properties/a/maxLength',
    );
  });

  it('lists every violation, bounded, and a value only in the member that may be taken away', async () => {
    const judged = await under({ type: 'array', items: { type: 'object', required: ['a'], properties: { b: { enum: ['x', 'y'] } } } });
    const secret = 'Zx9-secret';
    const violations = judged.violations([{ b: secret }, { a: 1, b: secret }]);
    expect(violations.map((v) => `${v.rule} ${v.pointer}`)).toEqual(['required /0/a', 'enum /0/b', 'enum /1/b']);
    expect(JSON.stringify(violations.map(({ value: _, ...told }) => told))).not.toContain(secret);
    expect(judged.violations(Array.from({ length: 500 }, () => ({}))).length).toBe(50);
  });

  it('bounds names of properties', async () => {
    const judged = await under({ type: 'object', additionalProperties: { type: 'string' } });
    const [violation] = judged.violations({ ['n'.repeat(5000)]: 1 });
    expect(violation?.pointer.length).toBeLessThan(80);
  });

  it('lists no more of a large body than of a small one', async () => {
    const judged = await under({ type: 'array', items: { type: 'string' } });
    expect(judged.violations(Array.from({ length: 200_000 }, (_, i) => i))).toHaveLength(50);
  });

  it('cannot be kept busy by branches that recur', async () => {
    const node = {
      oneOf: [
        { properties: { c: { $ref: '#/components/schemas/N' } } },
        { properties: { c: { $ref: '#/components/schemas/N' } }, maxProperties: 9 },
      ],
    };
    const judged = await under({ $ref: '#/components/schemas/N' }, { components: { schemas: { N: node } } });
    let deep: unknown = { c: 1 };
    for (let i = 0; i < 40; i++) deep = { c: deep };
    expect(judged.sent(deep)).toBe('skipped too_large');
  });

  it('gives up on a body deeper than the stack, and does not fall', async () => {
    const judged = await contractOf(
      api(
        { '/x': { post: { requestBody: { content: json({ $ref: '#/components/schemas/N' }) }, responses: ok } } },
        { components: { schemas: { N: { type: 'array', items: { $ref: '#/components/schemas/N' } } } } },
      ),
    );
    const outcome = say(request(judged, 'POST /x', { body: '['.repeat(100_000) + ']'.repeat(100_000) }));
    expect(['valid', 'skipped too_large', 'malformed body']).toContain(outcome);
  });

  it('finds equal items among many in no time', async () => {
    const judged = await under({ type: 'array', uniqueItems: true });
    const items = Array.from({ length: 20_000 }, (_, i) => ({ i }));
    expect(judged.sent(items)).toBe('valid');
    expect(judged.sent([...items, { i: 7 }])).toBe('uniqueItems body');
  });

  it('a schema that cannot be judged is skipped, and never valid', async () => {
    const judged = await under({ type: 'object', properties: { a: { type: 'string', pattern: '^(?!x)(a+)+$' }, b: { type: 'string' } } });
    expect(judged.sent({ b: 'x' })).toBe('valid');
    expect(judged.sent({ a: 'aaa' })).toBe('skipped no_schema');
  });

  it('__proto__ is a name like any other', async () => {
    const schema = JSON.parse(
      '{"required": ["__proto__"], "properties": {"__proto__": {"type": "integer"}}, "additionalProperties": false}',
    ) as object;
    const contract = await contractOf(api({ '/x': { post: { requestBody: { content: json(schema) }, responses: ok } } }));
    for (let more = true; more; ) more = contract.warmUp();
    const sent = (body: string): string => say(request(contract, 'POST /x', { body }));
    expect(sent('{"__proto__": 1}')).toBe('valid');
    expect(sent('{"__proto__": "1"}')).toBe('type body /__proto__');
    expect(sent('{}')).toBe('required body /__proto__');
  });

  it('annotate: formats say nothing', async () => {
    const contract = await contractOf(api({ '/x': { post: { requestBody: { content: json({ format: 'date' }) }, responses: ok } } }), {
      formats: 'annotate',
    });
    expect(say(request(contract, 'POST /x', { body: '"never"' }))).toBe('valid');
  });
});
