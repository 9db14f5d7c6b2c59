import { describe, expect, it } from 'vitest';
import { under } from '../testing.ts';

interface Case {
  readonly title: string;
  readonly schema: unknown;
  readonly schemas?: Record<string, unknown>;
  readonly value: unknown;
  /** `rule pointer: detail`, in their order. */
  readonly told: readonly string[];
}

const typed = (name: string, more: object): object => ({
  type: 'object',
  required: ['kind'],
  properties: { kind: { type: 'string' }, ...more },
  title: name,
});
const cat = typed('cat', { lives: { type: 'integer' } });
const dog = { ...typed('dog', { barks: { type: 'boolean' } }), required: ['kind', 'barks'] };
const refs = (keyword: string, discriminator: object) => ({
  [keyword]: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
  discriminator,
});

const cases: readonly Case[] = [
  {
    title: 'the branch that the discriminator names, by the name of its component',
    schema: refs('oneOf', { propertyName: 'kind' }),
    schemas: { Cat: { ...cat, required: ['kind', 'a', 'b', 'c'] }, Dog: dog },
    value: { kind: 'Cat' },
    told: ['required /a: must have the property "a"', 'required /b: must have the property "b"', 'required /c: must have the property "c"'],
  },
  {
    title: 'by mapping to a URI and to a name',
    schema: refs('anyOf', { propertyName: 'kind', mapping: { meow: '#/components/schemas/Cat', woof: 'Dog' } }),
    schemas: { Cat: { ...cat, required: ['kind', 'lives'] }, Dog: dog },
    value: { kind: 'meow' },
    told: ['required /lives: must have the property "lives"'],
  },
  {
    title: 'a value that names none',
    schema: refs('oneOf', { propertyName: 'kind', mapping: { meow: 'Cat' } }),
    schemas: { Cat: { ...cat, required: ['kind', 'lives'] }, Dog: dog },
    value: { kind: 'fish' },
    told: ['oneOf : must match one schema of oneOf, and none is meant: "kind" may be "Dog", "meow"'],
  },
  {
    title: 'a value that names none, but which one branch alone takes for its tag',
    schema: refs('oneOf', { propertyName: 'kind' }),
    schemas: {
      Cat: { ...cat, properties: { kind: { enum: ['c'] } } },
      Dog: { ...dog, properties: { kind: { enum: ['d'] } } },
    },
    value: { kind: 'd' },
    told: ['required /barks: must have the property "barks"'],
  },
  {
    title: 'a name that every object inherits is no name of a branch',
    schema: refs('oneOf', { propertyName: 'kind' }),
    schemas: { Cat: { ...cat, required: ['kind', 'lives'] }, Dog: dog },
    value: { kind: 'constructor' },
    told: ['oneOf : must match one schema of oneOf, and none is meant: "kind" may be "Cat", "Dog"'],
  },
  {
    title: 'without the property, the nearest',
    schema: refs('oneOf', { propertyName: 'kind' }),
    schemas: { Cat: cat, Dog: dog },
    value: { barks: true },
    told: ['required /kind: must have the property "kind"'],
  },
  {
    title: 'types of all branches, where none is of the value’s',
    schema: { anyOf: [{ type: 'object' }, { type: ['string', 'null'] }, { type: 'object', required: ['a'] }] },
    value: 1,
    told: ['anyOf : must match a schema of anyOf: must be object or string or null'],
  },
  {
    title: 'null beside an object: the object',
    schema: { oneOf: [{ type: 'null' }, { type: 'object', required: ['a'] }] },
    value: {},
    told: ['required /a: must have the property "a"'],
  },
  {
    title: 'a tag outweighs everything but the type',
    schema: {
      oneOf: [
        { properties: { t: { const: 1 } }, required: ['t'] },
        { properties: { t: { const: 2 }, a: { type: 'string' }, b: { type: 'string' } }, required: ['t', 'c', 'd'] },
      ],
    },
    value: { t: 2, a: 1, b: 1 },
    told: [
      'type /a: must be string',
      'type /b: must be string',
      'required /c: must have the property "c"',
      'required /d: must have the property "d"',
    ],
  },
  {
    title: 'required members that are there outweigh the number of errors',
    schema: {
      anyOf: [
        { required: ['street'], properties: { city: { type: 'string' } } },
        { required: ['city'], properties: { city: { type: 'string', minLength: 3, pattern: '^[A-Z]' } } },
      ],
    },
    value: { city: 'x' },
    told: ['minLength /city: must have at least 3 characters', 'pattern /city: must match the pattern ^[A-Z]'],
  },
  {
    title: 'several that match',
    schema: { oneOf: [{ type: 'integer' }, { type: 'number' }, { type: 'string' }] },
    value: 1,
    told: ['oneOf : must match one schema of oneOf, and matches several: 0, 1'],
  },
  {
    title: 'alternatives within alternatives',
    schema: {
      oneOf: [
        { type: 'string' },
        { type: 'object', properties: { a: { anyOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'integer' } }] } } },
      ],
    },
    value: { a: [1, 'x'] },
    told: ['type /a/1: must be integer'],
  },
];

describe('of a failed oneOf or anyOf the branch that was meant is told', () => {
  it.each(cases)('$title', async ({ schema, schemas = {}, value, told }) => {
    const judged = await under(schema, { components: { schemas } });
    expect(judged.violations(value).map(({ rule, pointer, detail }) => `${rule} ${pointer}: ${detail}`)).toEqual(told);
  });
});
