import { describe, expect, it } from 'vitest';
import { api, contractOf, json, ok, request, response, say } from '../testing.ts';

/** Verdicts on values under a schema, in a request and in a response. */
async function under(schema: unknown, more: { readonly openapi?: string; readonly components?: unknown } = {}) {
  const contract = await contractOf(
    api(
      { '/x': { post: { requestBody: { content: json(schema) }, responses: { 200: { description: '', content: json(schema) } } } } },
      { openapi: '3.1.0', ...more },
    ),
  );
  return {
    sent: (value: unknown) => say(request(contract, 'POST /x', { body: JSON.stringify(value) })),
    answered: (value: unknown) => say(response(contract, 'POST /x', { body: JSON.stringify(value) })),
    violations: (value: unknown) => {
      const outcome = request(contract, 'POST /x', { body: JSON.stringify(value) });
      return 'is' in outcome && outcome.is === 'invalid' ? outcome.violations : [];
    },
  };
}

interface Case {
  readonly title: string;
  readonly openapi?: string;
  readonly schema: unknown;
  readonly schemas?: Record<string, unknown>;
  readonly good?: readonly unknown[];
  readonly bad?: ReadonlyArray<readonly [value: unknown, said: string]>;
}

const pet = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };

const cases: readonly Case[] = [
  { title: '3.0 nullable beside type', openapi: '3.0.3', schema: { type: 'string', nullable: true }, good: [null, 'a'], bad: [[1, 'type body']] },
  { title: '3.0.3 nullable without type has no effect', openapi: '3.0.3', schema: { nullable: true, allOf: [pet] }, bad: [[null, 'type body']] },
  { title: '3.0.1 nullable anywhere', openapi: '3.0.1', schema: { nullable: true, allOf: [pet] }, good: [null], bad: [[{}, 'required body /name']] },
  { title: '3.0.3 nullable does not add to enum', openapi: '3.0.3', schema: { type: 'string', nullable: true, enum: ['a'] }, good: ['a'], bad: [[null, 'enum body']] },
  { title: '3.0.1 nullable and enum', openapi: '3.0.1', schema: { type: 'string', nullable: true, enum: ['a'] }, good: ['a', null], bad: [['b', 'enum body']] },
  { title: '3.0 nullable beside $ref is ignored', openapi: '3.0.1', schema: { $ref: '#/components/schemas/P', nullable: true }, schemas: { P: pet }, bad: [[null, 'type body']] },
  { title: '3.1 nullable is no keyword', schema: { type: 'string', nullable: true }, bad: [[null, 'type body']] },
  { title: '3.1 type arrays', schema: { type: ['string', 'null'] }, good: [null, 'a'], bad: [[1, 'type body']] },
  { title: '3.0 exclusive limits', openapi: '3.0.0', schema: { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: false }, good: [1.5, 3], bad: [[1, 'exclusiveMinimum body'], [4, 'maximum body']] },
  { title: '3.0 siblings of $ref are ignored', openapi: '3.0.0', schema: { $ref: '#/components/schemas/P', maxProperties: 0 }, schemas: { P: pet }, good: [{ name: 'a' }] },
  { title: '3.1 siblings of $ref count', schema: { $ref: '#/components/schemas/P', maxProperties: 1 }, schemas: { P: pet }, good: [{ name: 'a' }], bad: [[{ name: 'a', b: 1 }, 'maxProperties body']] },
  { title: 'decimals are multiples as written', schema: { multipleOf: 0.01 }, good: [19.99, 0.07, 1.1, 1e-2], bad: [[0.001, 'multipleOf body']] },
  { title: 'unique items', schema: { type: 'array', uniqueItems: true }, good: [[1, '1', { a: 1 }, { a: 2 }]], bad: [[[{ a: 1, b: 2 }, { b: 2, a: 1 }], 'uniqueItems body']] },
  { title: 'names that every object inherits', schema: { type: 'object', required: ['constructor'], properties: { toString: { type: 'string' } } }, good: [{ constructor: 1 }], bad: [[{}, 'required body /constructor']] },
  { title: 'unknown formats never fail', schema: { type: 'string', format: 'repo.nwo' }, good: ['anything'] },
  { title: 'known formats are asserted', schema: { type: 'string', format: 'date' }, good: ['2026-11-21'], bad: [['21.11.2026', 'format body']] },
  { title: 'int32 and int64', schema: { type: 'array', prefixItems: [{ format: 'int32' }, { format: 'int64' }] }, good: [[1, 9223372036854775807n.toString().length]], bad: [[[2147483648, 1], 'format body /0'], [[1, 1.5], 'format body /1']] },
  { title: 'characters are code points', schema: { type: 'string', maxLength: 2 }, good: ['😀😀'], bad: [['abc', 'maxLength body']] },
  { title: 'additionalProperties names the property', schema: { type: 'object', additionalProperties: false }, bad: [[{ 'a/b': 1 }, 'additionalProperties body /a~1b']] },
  { title: 'allOf with additionalProperties: false judges by its own properties', schema: { allOf: [pet, { properties: { age: {} }, additionalProperties: false }] }, bad: [[{ name: 'a' }, 'additionalProperties body /name']] },
  { title: 'unevaluatedProperties through $ref', schema: { allOf: [{ $ref: '#/components/schemas/P' }], unevaluatedProperties: false }, schemas: { P: pet }, good: [{ name: 'a' }], bad: [[{ name: 'a', b: 1 }, 'unevaluatedProperties body /b']] },
  { title: '$dynamicRef with one anchor', schema: { $ref: '#/components/schemas/T' }, schemas: { T: { $dynamicAnchor: 'node', type: 'object', properties: { child: { $dynamicRef: '#node' } } } }, good: [{ child: { child: {} } }], bad: [[{ child: { child: 1 } }, 'type body /child/child']] },
  { title: 'circular', schema: { $ref: '#/components/schemas/T' }, schemas: { T: { type: 'object', properties: { left: { $ref: '#/components/schemas/T' }, value: { type: 'integer' } } } }, good: [{ left: { left: { value: 1 } } }], bad: [[{ left: { left: { value: 'a' } } }, 'type body /left/left/value']] },
  { title: '$id and $anchor', schema: { $id: 'https://x.example/a', $defs: { n: { $anchor: 'num', type: 'number' } }, properties: { v: { $ref: '#num' }, w: { $ref: '#/$defs/n' } } }, good: [{ v: 1, w: 2 }], bad: [[{ v: 'a', w: 1 }, 'type body /v']] },
  { title: 'a false schema', schema: { properties: { old: false } }, good: [{}], bad: [[{ old: 1 }, 'not body /old']] },
  { title: 'patterns', schema: { type: 'string', pattern: '^(a+)+$' }, good: ['aaa'], bad: [['aab', 'pattern body']] },
  { title: 'propertyNames', schema: { propertyNames: { maxLength: 3 } }, good: [{ abc: 1 }], bad: [[{ abcd: 1 }, 'propertyNames body /abcd']] },
  { title: 'discriminator is an annotation', schema: { oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }], discriminator: { propertyName: 'kind', mapping: { x: '#/components/schemas/A' } } }, schemas: { A: { type: 'object', required: ['kind'], properties: { kind: { const: 'a' } } }, B: { type: 'object', required: ['kind', 'size'], properties: { kind: { const: 'b' }, size: { type: 'integer' } } } }, good: [{ kind: 'a' }, { kind: 'b', size: 1 }], bad: [[{ kind: 'b' }, 'required body /size'], [{ kind: 'b', size: 'x' }, 'type body /size'], [4, 'oneOf body']] },
  { title: 'several branches match', schema: { oneOf: [{ type: 'integer' }, { type: 'number' }] }, good: [1.5], bad: [[1, 'oneOf body']] },
  { title: 'if then', schema: { if: { required: ['a'] }, then: { required: ['b'] } }, good: [{}, { a: 1, b: 1 }], bad: [[{ a: 1 }, 'required body /b']] },
];

describe('schemas in the normal form', () => {
  it.each(cases)('$title', async ({ openapi, schema, schemas, good = [], bad = [] }) => {
    const judged = await under(schema, { ...(openapi !== undefined && { openapi }), components: { schemas: schemas ?? {} } });
    for (const value of good) expect(judged.sent(value), JSON.stringify(value)).toBe('valid');
    for (const [value, said] of bad) expect(judged.sent(value), JSON.stringify(value)).toBe(said);
  });

  describe('readOnly and writeOnly', () => {
    const base = { type: 'object', required: ['id', 'name', 'secret'], properties: { id: { type: 'integer', readOnly: true }, name: { type: 'string' }, secret: { type: 'string', writeOnly: true } } };

    it.each([
      ['directly', base, {}],
      ['through $ref', { $ref: '#/components/schemas/B' }, { B: base }],
      ['through allOf', { allOf: [{ $ref: '#/components/schemas/B' }, { required: ['id'] }] }, { B: base }],
      ['required outside, declared in allOf', { required: ['id', 'name', 'secret'], allOf: [{ $ref: '#/components/schemas/B' }] }, { B: { ...base, required: [] } }],
      ['required in one part of allOf, declared in the other', { allOf: [{ $ref: '#/components/schemas/R' }, { $ref: '#/components/schemas/B' }] }, { B: { ...base, required: [] }, R: { required: ['id', 'name', 'secret'] } }],
      ['the flag stands in what the property refers to', { $ref: '#/components/schemas/B' }, { B: { ...base, properties: { ...base.properties, id: { $ref: '#/components/schemas/Id' } } }, Id: { type: 'integer', readOnly: true } }],
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

  it('says where the rule stands', async () => {
    const judged = await under({ type: 'object', properties: { 'a/b': { $ref: '#/components/schemas/P' } } }, { components: { schemas: { P: pet } } });
    const [violation] = judged.violations({ 'a/b': { name: 1 } });
    expect(violation).toEqual({ rule: 'type', side: 'request', location: 'body', pointer: '/a~1b/name', specPointer: '/components/schemas/P/properties/name/type', detail: 'must be string' });
  });

  it('keeps the place of a rule under a nullable schema of 3.0.1', async () => {
    const judged = await under({ type: 'object', nullable: true, properties: { a: { type: 'string', nullable: true, maxLength: 1 } } }, { openapi: '3.0.1' });
    expect(judged.violations({ a: 'long' })[0]?.specPointer).toBe('/paths/~1x/post/requestBody/content/application~1json/schema/properties/a/maxLength');
  });

  it('lists every violation, bounded, and never a value', async () => {
    const judged = await under({ type: 'array', items: { type: 'object', required: ['a'], properties: { b: { enum: ['x', 'y'] } } } });
    const secret = 'Zx9-secret';
    const violations = judged.violations([{ b: secret }, { a: 1, b: secret }]);
    expect(violations.map((v) => `${v.rule} ${v.pointer}`)).toEqual(['required /0/a', 'enum /0/b', 'enum /1/b']);
    expect(JSON.stringify(violations)).not.toContain(secret);
    expect(judged.violations(Array.from({ length: 500 }, () => ({}))).length).toBe(50);
  });

  it('bounds names of properties', async () => {
    const judged = await under({ type: 'object', additionalProperties: { type: 'string' } });
    const [violation] = judged.violations({ ['n'.repeat(5000)]: 1 });
    expect(violation?.pointer.length).toBeLessThan(80);
  });

  it('gives a large failing body with one violation', async () => {
    const judged = await under({ type: 'array', items: { type: 'string' } });
    expect(judged.violations(Array.from({ length: 200_000 }, (_, i) => i))).toHaveLength(1);
  });

  it('cannot be kept busy by branches that recur', async () => {
    const node = { oneOf: [{ properties: { c: { $ref: '#/components/schemas/N' } } }, { properties: { c: { $ref: '#/components/schemas/N' } }, maxProperties: 9 }] };
    const judged = await under({ $ref: '#/components/schemas/N' }, { components: { schemas: { N: node } } });
    let deep: unknown = { c: 1 };
    for (let i = 0; i < 40; i++) deep = { c: deep };
    expect(judged.sent(deep)).toBe('skipped too_large');
  });

  it('gives up on a body deeper than the stack, and does not fall', async () => {
    const judged = await contractOf(api({ '/x': { post: { requestBody: { content: json({ $ref: '#/components/schemas/N' }) }, responses: ok } } }, { components: { schemas: { N: { type: 'array', items: { $ref: '#/components/schemas/N' } } } } }));
    const outcome = say(request(judged, 'POST /x', { body: '['.repeat(100_000) + ']'.repeat(100_000) }));
    expect(['valid', 'skipped too_large', 'malformed body']).toContain(outcome);
  });

  it('finds equal items among many in no time', async () => {
    const judged = await under({ type: 'array', uniqueItems: true });
    const items = Array.from({ length: 50_000 }, (_, i) => ({ i }));
    expect(judged.sent(items)).toBe('valid');
    expect(judged.sent([...items, { i: 7 }])).toBe('uniqueItems body');
  });

  it('a schema that cannot be judged is skipped, and never valid', async () => {
    const judged = await under({ type: 'object', properties: { a: { type: 'string', pattern: '^(?!x)(a+)+$' }, b: { type: 'string' } } });
    expect(judged.sent({ b: 'x' })).toBe('skipped no_schema');
    expect(judged.sent({ a: 'aaa' })).toBe('skipped no_schema');
  });

  it('annotate: formats say nothing', async () => {
    const contract = await contractOf(api({ '/x': { post: { requestBody: { content: json({ format: 'date' }) }, responses: ok } } }), { formats: 'annotate' });
    expect(say(request(contract, 'POST /x', { body: '"never"' }))).toBe('valid');
  });
});
