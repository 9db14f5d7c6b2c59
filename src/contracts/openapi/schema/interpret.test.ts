import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Documents } from '../document/documents.ts';
import { budget } from './budget.ts';
import { ErrorList } from './schema-error.ts';
import { SchemaSet } from './units.ts';

/** The units of a document that is nothing but schemas. */
async function schemasOf(
  document: unknown,
): Promise<(name: string) => { compiled(value: unknown): boolean; listed(value: unknown): number }> {
  const text = JSON.stringify(document);
  const documents = new Documents({
    name: 'test',
    uri: 'a.json',
    basePath: 'none',
    formats: 'assert',
    read: async () => new TextEncoder().encode(text),
    resolve: (_, ref) => ref,
  });
  const file = await documents.load('a.json');
  if (file === undefined) throw new Error('not loaded');
  const set = new SchemaSet({ documents, dialect: '3.1', formats: 'assert' });
  return (name) => {
    const unit = set.unit({ file, pointer: `/${name}` }, 'request');
    while (set.compileNext());
    return {
      compiled: (value) => {
        expect(unit.compile()).toBeUndefined();
        return unit.judge(value, 1000) === true;
      },
      listed: (value) => {
        const list = new ErrorList();
        budget.left = Infinity;
        const valid = set.interpreter.run(unit.key, value, list);
        expect(valid).toBe(list.errors.length === 0);
        expect(set.interpreter.run(unit.key, value, undefined)).toBe(valid);
        return list.errors.length;
      },
    };
  };
}

const name = fc.constantFrom('a', 'b', 'toString', 'x1');
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 1.5, -3, '', 'a', 'ab', '2026-11-21', 'b1'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

/** Schemas that refer to each other only below the value that they judge, so that every judgement has an end. */
const schema = fc.letrec<{ schema: unknown }>((tie) => {
  const one = tie('schema');
  const below = fc.oneof({ weight: 4, arbitrary: one }, { weight: 1, arbitrary: fc.constantFrom({ $ref: '#/root' }, { $ref: '#/leaf' }) });
  const some = fc.array(one, { minLength: 1, maxLength: 3 });
  const map = fc.dictionary(name, one, { maxKeys: 3 });
  const small = fc.integer({ min: 0, max: 3 });
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.boolean(),
      fc.record(
        {
          type: fc.oneof(
            fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object'),
            fc.constant(['string', 'object']),
          ),
          enum: fc.array(value, { minLength: 1, maxLength: 3 }),
          const: value,
          minimum: small,
          exclusiveMaximum: small,
          multipleOf: fc.constantFrom(0.5, 1, 2),
          minLength: small,
          maxLength: small,
          pattern: fc.constantFrom('^a', '\\d$', '^(a+)+$'),
          format: fc.constantFrom('date', 'int32', 'unheard-of'),
          minItems: small,
          uniqueItems: fc.boolean(),
          maxProperties: small,
          required: fc.uniqueArray(name, { maxLength: 2 }),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          $ref: fc.constant('#/leaf'),
          allOf: some,
          anyOf: some,
          oneOf: some,
          not: one,
          if: one,
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: one,
          else: one,
          dependentSchemas: map,
          dependentRequired: fc.dictionary(name, fc.uniqueArray(name, { maxLength: 2 }), { maxKeys: 2 }),
          properties: fc.dictionary(name, below, { maxKeys: 3 }),
          patternProperties: fc.dictionary(fc.constantFrom('^a', '1$'), one, { maxKeys: 2 }),
          additionalProperties: below,
          propertyNames: one,
          items: below,
          prefixItems: fc.array(below, { minLength: 1, maxLength: 3 }),
          contains: one,
          minContains: small,
          maxContains: small,
        },
        { requiredKeys: [] },
      ),
    ),
  };
}).schema;

const leaves: readonly unknown[] = [
  { type: 'string' },
  { properties: { a: { type: 'integer' } } },
  { minItems: 1, prefixItems: [{ const: 1 }] },
  false,
];

describe('the interpreter', () => {
  it('agrees with the compiled validator on any schema and value', async () => {
    await fc.assert(
      fc.asyncProperty(schema, fc.constantFrom(...leaves), fc.array(value, { minLength: 1, maxLength: 20 }), async (root, leaf, values) => {
        const unit = (await schemasOf({ root, leaf }))('root');
        for (const v of values) expect(unit.listed(v) === 0, JSON.stringify(v)).toBe(unit.compiled(v));
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
