import { describe, expect, it } from 'vitest';
import type { Drift } from '../../../core/drift.ts';
import { api, contractOf, json, ok } from '../testing.ts';
import { BASE, JSON_HEADERS, type More, drift, head, only, parsed } from './testing.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** As `place name pointer`, places from the schema of the body. */
const said = (all: readonly Drift[]): string[] =>
  all.map(({ specPointer, name, pointer }) => `${specPointer.replace(BASE, '#')} ${name} ${pointer}`);
const found = async (schema: unknown, value: unknown, more: More = {}): Promise<string[]> => said(await drift(schema, value, more));

/** As text: an object with a member `then` would be taken for a promise. */
function ifA(holds: unknown, fails: unknown, more: More = {}): unknown {
  const text = JSON.stringify({ if: { required: ['a'] }, holds, else: fails, ...more });
  return JSON.parse(text.replace('"holds":', '"then":'));
}

const a = { type: 'object', properties: { a: {} } };
const b = { type: 'object', properties: { b: {} } };
const free = { type: 'object' };

describe('D1: members that the document does not know', () => {
  it.each<readonly [title: string, schema: unknown, value: unknown, expected: readonly string[]]>([
    ['under an open object schema', a, { a: 1, x: 2 }, ['# x /x']],
    ['none where all are declared', a, { a: 1 }, []],
    ['several, each once', a, { x: 1, y: 2 }, ['# x /x', '# y /y']],
    ['at its top: not what is in it', a, { x: { y: { z: 1 } } }, ['# x /x']],
    ['nested', { properties: { in: a } }, { in: { x: 1 } }, ['#/properties/in x /in/x']],
    ['in items, once however many', { items: a }, [{ x: 1 }, { a: 1 }, { x: 2 }], ['#/items x /*/x']],
    ['in prefixItems', { prefixItems: [a, b], items: {} }, [{ x: 1 }, { b: 1 }, { y: 1 }], ['#/prefixItems/0 x /*/x']],
    ['in the items behind prefixItems', { prefixItems: [{}], items: a }, [{ y: 1 }, { x: 1 }], ['#/items x /*/x']],
    ['a name like those of objects', a, JSON.parse('{"a":1,"constructor":1}'), ['# constructor /constructor']],
    ['__proto__, which is a name like any other', a, '{"a":1,"__proto__":{"x":1}}', ['# __proto__ /__proto__']],
    ['beside another type: the validator says that', { type: 'object', properties: { a: { type: 'string' } } }, { a: { x: 1 } }, []],
    ['not under a schema without properties', free, { x: 1 }, []],
    ['not under {}', {}, { x: 1 }, []],
    ['not under true', { properties: { a: true } }, { a: { x: 1 } }, []],
    ['not under additionalProperties: true written out', { ...a, additionalProperties: true }, { x: 1 }, []],
    ['not under additionalProperties: {}', { ...a, additionalProperties: {} }, { x: 1 }, []],
    [
      'but in declared members beside them',
      { properties: { a }, additionalProperties: true },
      { a: { x: 1 }, y: 1 },
      ['#/properties/a x /a/x'],
    ],
    ['not what additionalProperties describes', { ...a, additionalProperties: { type: 'string' } }, { x: 'y' }, []],
    [
      'in the members of a map, whose keys are not told',
      { additionalProperties: a },
      { key: { x: 1 }, other: { x: 1 } },
      ['#/additionalProperties x /*/x'],
    ],
    ['not what a pattern describes', { ...a, patternProperties: { '^x-': {} } }, { 'x-1': 1 }, []],
    ['what no pattern describes', { ...a, patternProperties: { '^x-': {} } }, { 'x-1': 1, y: 1 }, ['# y /y']],
    ['below a pattern', { patternProperties: { '^x-': a } }, { 'x-1': { y: 1 }, z: 1 }, ['#/patternProperties/^x- y /*/y']],
    ['not where propertyNames describes them', { ...a, propertyNames: { pattern: '^[a-z]+$' } }, { x: 1 }, []],
    ['not where the validator finds them', { ...a, additionalProperties: false }, { x: 1 }, []],
    ['nor by unevaluatedProperties: false', { allOf: [a], unevaluatedProperties: false }, { x: 1 }, []],
    ['not what unevaluatedProperties describes', { allOf: [a], unevaluatedProperties: { type: 'integer' } }, { x: 1 }, []],
    ['in what unevaluatedProperties describes', { allOf: [a], unevaluatedProperties: b }, { x: { y: 1 } }, []],
    ['not what is required without a schema', { ...a, required: ['x'] }, { x: 1 }, []],
    ['nor what dependentRequired speaks of', { ...a, dependentRequired: { x: ['y'] } }, { x: 1, y: 1, z: 1 }, ['# z /z']],
  ])('%s', async (_, schema, value, expected) => {
    expect(await found(schema, value)).toEqual(expected);
  });

  it.each<readonly [title: string, schema: unknown, value: unknown, expected: readonly string[]]>([
    ['allOf: all parts declare', { allOf: [a, b] }, { a: 1, b: 1, x: 1 }, ['# x /x']],
    ['allOf with one part that does: told there', { allOf: [a, { required: ['a'] }] }, { x: 1 }, ['#/allOf/0 x /x']],
    ['anyOf: any branch declares', { anyOf: [a, b] }, { a: 1, b: 1, x: 1 }, ['# x /x']],
    ['oneOf: of the branch that it does not fit too', { oneOf: [a, b] }, { a: 1, b: 1 }, []],
    ['oneOf with a branch that anything fits', { oneOf: [a, free] }, { x: 1 }, []],
    ['oneOf with a branch of another type', { oneOf: [a, { type: 'string' }] }, { x: 1 }, ['#/oneOf/0 x /x']],
    [
      'oneOf of what is required, beside properties',
      { ...a, anyOf: [{ required: ['a'] }, { required: ['c'] }] },
      { c: 1, x: 1 },
      ['# x /x'],
    ],
    [
      'below branches that both declare it',
      { oneOf: [{ properties: { in: a } }, { properties: { in: b } }] },
      { in: { a: 1, b: 1, x: 1 } },
      ['#/oneOf/0/properties/in x /in/x'],
    ],
    [
      'below a branch that lets anything be in it',
      { oneOf: [{ properties: { in: a } }, { properties: { in: free } }] },
      { in: { x: 1 } },
      [],
    ],
    ['below a branch, beside one that anything fits', { oneOf: [{ properties: { in: a } }, free] }, { in: { x: 1 } }, []],
    [
      'below a branch, beside one that does not know it',
      { oneOf: [{ properties: { in: a } }, b] },
      { in: { x: 1 } },
      ['#/oneOf/0/properties/in x /in/x'],
    ],
    [
      'below a branch, beside one that leaves it to the schema around it',
      { properties: { in: free }, oneOf: [{ properties: { in: a } }, b] },
      { in: { x: 1 } },
      [],
    ],
    ['then and else', ifA(a, b), { a: 1, b: 1, x: 1 }, ['# x /x']],
    ['then without else: anything else may be', { if: a, ...(JSON.parse(`{"then":${JSON.stringify(b)}}`) as object) }, { x: 1 }, []],
    ['then without else, beside properties', ifA({ required: ['a'] }, {}, a), { x: 1 }, ['# x /x']],
    ['what if itself knows', { ...a, if: b }, { b: 1 }, []],
    ['dependentSchemas', { ...a, dependentSchemas: { a: b } }, { b: 1, x: 1 }, ['# x /x']],
    ['what not speaks of', { ...a, not: { required: ['x'] } }, { x: 1 }, []],
    ['a branch that shuts, beside an open one', { anyOf: [{ ...a, additionalProperties: false }, b] }, { b: 1, x: 1 }, ['# x /x']],
    [
      'branches that all shut',
      {
        anyOf: [
          { ...a, additionalProperties: false },
          { ...b, additionalProperties: false },
        ],
      },
      { x: 1 },
      [],
    ],
    ['contains: some items', { type: 'array', contains: a }, [{ x: 1 }], []],
    ['contains beside items', { items: a, contains: b }, [{ b: 1, x: 1 }], ['#/items x /*/x']],
    ['unevaluatedItems', { prefixItems: [b], unevaluatedItems: a }, [{ b: 1 }, { x: 1 }], []],
  ])('%s', async (_, schema, value, expected) => {
    expect(await found(schema, value)).toEqual(expected);
  });

  it('names the component through references, so that all who use it have one finding', async () => {
    const components = {
      schemas: {
        User: a,
        Wrapped: { allOf: [ref('User')], description: 'the same' },
        Node: { properties: { next: ref('Node') } },
        Base: { properties: { kind: {} } },
        Cat: { allOf: [ref('Base'), { properties: { claws: {} } }] },
      },
    };
    const at = (name: string, rest: string) => [`/components/schemas/${name} ${rest}`];
    expect(await found(ref('User'), { x: 1 }, { components })).toEqual(at('User', 'x /x'));
    expect(await found({ items: ref('Wrapped') }, [{ x: 1 }], { components })).toEqual(at('User', 'x /*/x'));
    expect(await found({ oneOf: [ref('User'), { type: 'null' }] }, { x: 1 }, { components })).toEqual(at('User', 'x /x'));
    expect(await found(ref('Node'), { next: { next: { x: 1 } } }, { components })).toEqual(at('Node', 'x /next/next/x'));
    expect(await found(ref('Node'), { y: 1, next: { y: 1 } }, { components })).toEqual(at('Node', 'y /y'));
    expect(await found(ref('Cat'), { kind: 1, claws: 1, x: 1 }, { components })).toEqual(at('Cat', 'x /x'));
    // In OpenAPI 3.1 what stands beside $ref counts; in 3.0 it does not (3.0.4 §4.7.23).
    expect(await found({ ...ref('User'), properties: { x: {} } }, { x: 1 }, { components })).toEqual([]);
    expect(await found({ ...ref('User'), properties: { x: {} } }, { x: 1 }, { components, openapi: '3.0.3' })).toEqual(at('User', 'x /x'));
    expect(await found({ allOf: [ref('User')], nullable: true }, { x: 1 }, { components, openapi: '3.0.3' })).toEqual(at('User', 'x /x'));
  });

  it('a circle of references that never comes to a schema says nothing', async () => {
    const components = { schemas: { A: ref('B'), B: ref('A'), C: { anyOf: [ref('C'), a] } } };
    expect(await found(ref('A'), { x: 1 }, { components })).toEqual([]);
    expect(await found(ref('C'), { x: 1 }, { components })).toEqual([]);
  });

  it('a base with a discriminator has the members of those that extend it', async () => {
    const components = {
      schemas: {
        Pet: {
          type: 'object',
          discriminator: { propertyName: 'kind', mapping: { dog: '#/components/schemas/Dog' } },
          properties: { kind: {} },
        },
        Cat: { allOf: [ref('Pet'), { properties: { claws: {} } }] },
        Dog: { properties: { bark: {} } },
        Puppy: { allOf: [ref('Dog'), { properties: { toy: {} } }] },
        Lion: { allOf: [ref('Cat'), { properties: { mane: {} } }] },
        Cub: { allOf: [ref('Lion'), ref('Cub'), { properties: { age: {} } }] },
      },
    };
    const x = ['/components/schemas/Pet x /x'];
    expect(await found(ref('Pet'), { kind: 'Cat', claws: 1, x: 1 }, { components })).toEqual(x);
    expect(await found(ref('Pet'), { kind: 'dog', bark: 1, x: 1 }, { components })).toEqual(x);
    expect(await found(ref('Pet'), { kind: 'Cub', claws: 1, mane: 1, age: 1, toy: 1, x: 1 }, { components })).toEqual(x);
  });

  it('what cannot be known is not told of: another language, dynamic references with several meanings', async () => {
    expect(await found({ ...a, $schema: 'http://json-schema.org/draft-07/schema#' }, { x: 1 })).toEqual([]);
    const $defs = {
      one: { $id: 'one', $dynamicAnchor: 'node', properties: { a: {} } },
      two: { $id: 'two', $dynamicAnchor: 'node', properties: { b: {} } },
    };
    expect(await found({ $defs, properties: { in: { $ref: 'one', $dynamicRef: 'one#node' } } }, { in: { b: 1 } })).toEqual([]);
    expect(await found({ $defs: { one: $defs.one }, properties: { in: { $dynamicRef: 'one#node' } } }, { in: { b: 1 } })).toEqual([
      '#/$defs/one b /in/b',
    ]);
  });

  it('tells of JSON types and of formats that texts show, and never a value', async () => {
    const evidence = async (value: unknown) => {
      const [first] = await drift({ items: a }, value);
      return [first?.types, first?.formats];
    };
    expect(await evidence([{ x: 'secret' }, { x: 1 }, { x: 1.5 }, { x: null }, { x: [1] }, { x: {} }, { x: true }])).toEqual([
      ['string', 'integer', 'number', 'boolean', 'null', 'array', 'object'],
      [],
    ]);
    expect(await evidence([{ x: '2026-01-02T03:04:05Z' }, { x: '2026-01-02' }, { x: '1f4f5ab5-6f0c-4a8e-9f5c-000000000001' }])).toEqual([
      ['string'],
      ['date-time', 'date', 'uuid'],
    ]);
    expect(await evidence([{ x: 'a@example.com' }, { x: 'https://example.com/a' }, { x: '10.0.0.1' }, { x: '::1' }])).toEqual([
      ['string'],
      ['email', 'ipv4', 'ipv6', 'uri'],
    ]);
    expect(await evidence([{ x: 'note: this' }, { x: 'a-b' }, { x: '1.2.3' }])).toEqual([['string'], []]);
    expect(JSON.stringify(await drift({ items: a }, [{ x: 'secret', y: ['secret'] }]))).not.toContain('secret');
  });

  it('keys that are data are one finding without their names', async () => {
    const keys = [
      '1f4f5ab5-6f0c-4a8e-9f5c-000000000001',
      'someone@example.com',
      '2026-01-02',
      '123456',
      'x'.repeat(65),
      'user_12345',
      'a/b',
      'cus_N1aB2cD3eF4',
      'cjld2cjxh0000qzrmn831i7rn',
      '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      'txn_3MtwBwLkdIwHu7ix',
    ];
    expect(await found(a, Object.fromEntries(keys.map((key) => [key, 1])))).toEqual(['# * /*']);
    for (const name of [
      'first_name',
      '@type',
      '$ref',
      '_links',
      'address2',
      'sha256',
      'iso8601',
      'Straße',
      'x-y',
      '2fa',
      'x1_y1_x2_y2',
      'oauth2ClientCredentials',
      'p95Latency1h',
    ])
      expect(await found(a, { [name]: 1 })).toEqual([`# ${name} /${name}`]);
  });

  it('has the side, the place of the body, and survives a structured clone', async () => {
    const responses = { 200: { description: '', content: json(a) }, '4XX': { description: '', content: json(b) } };
    const { driftParts } = only(await contractOf(api({ '/x': { get: { responses } } })));
    const of = (status: number, headers = JSON_HEADERS) => driftParts?.inBody(head(), { status, headers }, parsed({ x: 1 })) ?? [];
    expect(structuredClone(of(200))).toEqual([
      {
        kind: 'undocumented_field',
        side: 'response',
        location: 'body',
        pointer: '/x',
        specPointer: '/paths/~1x/get/responses/200/content/application~1json/schema',
        name: 'x',
        types: ['integer'],
        formats: [],
      },
    ]);
    expect(of(404, ['Content-Type', 'application/json; charset=utf-8'])[0]?.specPointer).toContain('/4XX/');
    expect(of(500)).toEqual([]);
    expect(of(200, ['Content-Type', 'text/plain'])).toEqual([]);
    expect(of(200, [])).toEqual([]);
    expect(driftParts?.inBody(head(), { status: 200, headers: JSON_HEADERS }, parsed('{"x":'))).toEqual([]);
  });

  it('is the same report, not made again, when a message shows it again', async () => {
    const { driftParts } = only(await contractOf(api({ '/x': { post: { requestBody: { content: json(a) }, responses: ok } } })));
    const look = () => driftParts?.inBody(head(), undefined, parsed({ x: 1 })) ?? [];
    expect(look()[0]).toBe(look()[0]);
    expect(driftParts?.inBody(head(), undefined, parsed({ a: 1 }))).toBe(driftParts?.inBody(head(), undefined, parsed({ a: 2 })));
  });

  it('looks at the names of a form', async () => {
    const known = { a: {}, list: { type: 'array' }, 'u.n': { type: 'string' }, 'u[m]': { type: 'string' }, 'ids[]': { type: 'array' } };
    const of = async (text: string, more: object = {}, properties: object = known) => {
      const content = { 'application/x-www-form-urlencoded': { schema: { properties }, ...more } };
      const { driftParts } = only(await contractOf(api({ '/x': { post: { requestBody: { content }, responses: ok } } })));
      const headers = ['Content-Type', 'application/x-www-form-urlencoded'];
      return (driftParts?.inBody(head({ headers }), undefined, parsed(text)) ?? []).map(({ name }) => name);
    };
    expect(await of('a=1&list[]=1&list.0=2&x%79=2&x%79=3')).toEqual(['xy']);
    expect(await of('x=1', { encoding: { list: { style: 'form', explode: true } } })).toEqual([]);
    expect(await of('u.n=1&u[m]=1&u[m][0]=1&ids[]=1&ids=1&=1')).toEqual([]);
    expect(await of('w[alice]=1&w[bob]=2&u.o=1')).toEqual(['w', 'u.o']);
    // An object of which nothing says how it is written: 3.0.3 has its members as fields, 3.0.4 has it as JSON.
    const address = { type: 'object', properties: { city: { type: 'string' } } };
    expect(await of('city=x&z=1', {}, { address })).toEqual([]);
    expect(await of('address[city]=x&z=1', { encoding: { address: { style: 'deepObject', explode: true } } }, { address })).toEqual(['z']);
  });
});
