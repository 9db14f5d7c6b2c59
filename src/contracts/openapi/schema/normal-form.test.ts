import { describe, expect, it } from 'vitest';
import { under } from '../testing.ts';

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
  {
    title: '3.0 nullable beside type',
    openapi: '3.0.3',
    schema: { type: 'string', nullable: true },
    good: [null, 'a'],
    bad: [[1, 'type body']],
  },
  {
    title: '3.0 nullable without type: null passes',
    openapi: '3.0.3',
    schema: { nullable: true, allOf: [pet] },
    good: [null],
    bad: [[{}, 'required body /name']],
  },
  {
    title: '3.0 nullable and an enum without null: null passes',
    openapi: '3.0.3',
    schema: { type: 'string', nullable: true, enum: ['a'] },
    good: ['a', null],
    bad: [
      ['b', 'enum body'],
      [1, 'type body'],
    ],
  },
  {
    title: '3.0 nullable beside $ref is ignored',
    openapi: '3.0.1',
    schema: { $ref: '#/components/schemas/P', nullable: true },
    schemas: { P: pet },
    bad: [[null, 'type body']],
  },
  { title: '3.1 nullable is no keyword', schema: { type: 'string', nullable: true }, bad: [[null, 'type body']] },
  { title: '3.1 type arrays', schema: { type: ['string', 'null'] }, good: [null, 'a'], bad: [[1, 'type body']] },
  {
    title: '3.0 exclusive limits',
    openapi: '3.0.0',
    schema: { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: false },
    good: [1.5, 3],
    bad: [
      [1, 'exclusiveMinimum body'],
      [4, 'maximum body'],
    ],
  },
  {
    title: '3.0 siblings of $ref are ignored',
    openapi: '3.0.0',
    schema: { $ref: '#/components/schemas/P', maxProperties: 0 },
    schemas: { P: pet },
    good: [{ name: 'a' }],
  },
  {
    title: '3.1 siblings of $ref count',
    schema: { $ref: '#/components/schemas/P', maxProperties: 1 },
    schemas: { P: pet },
    good: [{ name: 'a' }],
    bad: [[{ name: 'a', b: 1 }, 'maxProperties body']],
  },
  {
    title: 'decimals are multiples as written',
    schema: { multipleOf: 0.01 },
    good: [19.99, 0.07, 1.1, 1e-2],
    bad: [[0.001, 'multipleOf body']],
  },
  {
    title: 'contains beside prefixItems in an empty array',
    schema: { prefixItems: [{ type: 'string' }], contains: {} },
    good: [['a']],
    bad: [[[], 'contains body']],
  },
  {
    title: 'unique items',
    schema: { type: 'array', uniqueItems: true },
    good: [[1, '1', { a: 1 }, { a: 2 }]],
    bad: [
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        'uniqueItems body',
      ],
    ],
  },
  {
    title: 'names that every object inherits',
    schema: { type: 'object', required: ['constructor'], properties: { toString: { type: 'string' } } },
    good: [{ constructor: 1 }],
    bad: [[{}, 'required body /constructor']],
  },
  { title: 'unknown formats never fail', schema: { type: 'string', format: 'repo.nwo' }, good: ['anything'] },
  {
    title: 'known formats are asserted',
    schema: { type: 'string', format: 'date' },
    good: ['2026-11-21'],
    bad: [['21.11.2026', 'format body']],
  },
  {
    title: 'int32 and int64',
    schema: { type: 'array', prefixItems: [{ format: 'int32' }, { format: 'int64' }] },
    good: [[1, 9223372036854775807n.toString().length]],
    bad: [
      [[2147483648, 1], 'format body /0'],
      [[1, 1.5], 'format body /1'],
    ],
  },
  { title: 'characters are code points', schema: { type: 'string', maxLength: 2 }, good: ['😀😀'], bad: [['abc', 'maxLength body']] },
  {
    title: 'additionalProperties names the property',
    schema: { type: 'object', additionalProperties: false },
    bad: [[{ 'a/b': 1 }, 'additionalProperties body /a~1b']],
  },
  {
    title: 'allOf with additionalProperties: false judges by its own properties',
    schema: { allOf: [pet, { properties: { age: {} }, additionalProperties: false }] },
    bad: [[{ name: 'a' }, 'additionalProperties body /name']],
  },
  {
    title: 'unevaluatedProperties through $ref',
    schema: { allOf: [{ $ref: '#/components/schemas/P' }], unevaluatedProperties: false },
    schemas: { P: pet },
    good: [{ name: 'a' }],
    bad: [[{ name: 'a', b: 1 }, 'unevaluatedProperties body /b']],
  },
  {
    title: 'unevaluatedItems beside contains and anyOf',
    schema: { anyOf: [{ contains: { const: 1 } }, { prefixItems: [{ type: 'string' }] }], unevaluatedItems: false },
    good: [[1, 1], ['a'], ['a', 1]],
    bad: [
      [[1, 2], 'unevaluatedItems body'],
      [['a', 2], 'unevaluatedItems body'],
    ],
  },
  {
    title: 'unevaluatedProperties sees what a branch that failed did not',
    schema: {
      anyOf: [
        { properties: { a: { type: 'string' } }, required: ['a'] },
        { properties: { b: {} }, required: ['b'] },
      ],
      unevaluatedProperties: { type: 'integer' },
    },
    good: [{ a: 'x' }, { b: 'x', a: 1 }, { b: 'x', c: 1 }],
    bad: [[{ b: 'x', c: 'y' }, 'type body /c']],
  },
  {
    title: '$dynamicRef with one anchor',
    schema: { $ref: '#/components/schemas/T' },
    schemas: { T: { $dynamicAnchor: 'node', type: 'object', properties: { child: { $dynamicRef: '#node' } } } },
    good: [{ child: { child: {} } }],
    bad: [[{ child: { child: 1 } }, 'type body /child/child']],
  },
  {
    title: 'circular',
    schema: { $ref: '#/components/schemas/T' },
    schemas: { T: { type: 'object', properties: { left: { $ref: '#/components/schemas/T' }, value: { type: 'integer' } } } },
    good: [{ left: { left: { value: 1 } } }],
    bad: [[{ left: { left: { value: 'a' } } }, 'type body /left/left/value']],
  },
  {
    title: '$id and $anchor',
    schema: {
      $id: 'https://x.example/a',
      $defs: { n: { $anchor: 'num', type: 'number' } },
      properties: { v: { $ref: '#num' }, w: { $ref: '#/$defs/n' } },
    },
    good: [{ v: 1, w: 2 }],
    bad: [[{ v: 'a', w: 1 }, 'type body /v']],
  },
  { title: 'a false schema', schema: { properties: { old: false } }, good: [{}], bad: [[{ old: 1 }, 'not body /old']] },
  { title: 'patterns', schema: { type: 'string', pattern: '^(a+)+$' }, good: ['aaa'], bad: [['aab', 'pattern body']] },
  {
    title: 'propertyNames',
    schema: { propertyNames: { maxLength: 3 } },
    good: [{ abc: 1 }],
    bad: [[{ abcd: 1 }, 'propertyNames body /abcd']],
  },
  {
    title: 'discriminator is an annotation',
    schema: {
      oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }],
      discriminator: { propertyName: 'kind', mapping: { x: '#/components/schemas/A' } },
    },
    schemas: {
      A: { type: 'object', required: ['kind'], properties: { kind: { const: 'a' } } },
      B: { type: 'object', required: ['kind', 'size'], properties: { kind: { const: 'b' }, size: { type: 'integer' } } },
    },
    good: [{ kind: 'a' }, { kind: 'b', size: 1 }],
    bad: [
      [{ kind: 'b' }, 'required body /size'],
      [{ kind: 'b', size: 'x' }, 'type body /size'],
      [4, 'oneOf body'],
    ],
  },
  { title: 'several branches match', schema: { oneOf: [{ type: 'integer' }, { type: 'number' }] }, good: [1.5], bad: [[1, 'oneOf body']] },
  {
    title: 'if then',
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    schema: { if: { required: ['a'] }, then: { required: ['b'] } },
    good: [{}, { a: 1, b: 1 }],
    bad: [[{ a: 1 }, 'required body /b']],
  },
];

describe('schemas in the normal form', () => {
  it.each(cases)('$title', async ({ openapi, schema, schemas, good = [], bad = [] }) => {
    const judged = await under(schema, { ...(openapi !== undefined && { openapi }), components: { schemas: schemas ?? {} } });
    for (const value of good) expect(judged.sent(value), JSON.stringify(value)).toBe('valid');
    for (const [value, said] of bad) expect(judged.sent(value), JSON.stringify(value)).toBe(said);
  });
});
