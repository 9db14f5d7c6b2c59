import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Documents } from '../document/documents.ts';
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
  const set = new SchemaSet({ documents, dialect: '3.1', nullable: 'never', formats: 'assert' });
  return (name) => {
    const unit = set.unit({ file, pointer: `/${name}` }, 'request');
    while (set.compileNext());
    return {
      compiled: (value) => {
        expect(unit.compile()).toBeUndefined();
        unit.judge(value, 1000);
        return unit.validate(value);
      },
      listed: (value) => {
        const list = new ErrorList();
        const valid = set.interpreter.run(unit.key, value, 100_000, list, undefined);
        expect(valid).toBe(list.errors.length === 0);
        expect(set.interpreter.run(unit.key, value, 100_000, undefined, undefined)).toBe(valid);
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
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
})).value;

const schema = fc.letrec<{ schema: unknown }>((tie) => {
  const one = tie('schema');
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
          $ref: fc.constantFrom('#/other', '#/root'),
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
          properties: map,
          patternProperties: fc.dictionary(fc.constantFrom('^a', '1$'), one, { maxKeys: 2 }),
          additionalProperties: one,
          propertyNames: one,
          items: one,
          prefixItems: some,
          contains: one,
          minContains: small,
          maxContains: small,
          unevaluatedProperties: one,
          unevaluatedItems: one,
        },
        { requiredKeys: [] },
      ),
    ),
  };
}).schema;

/** What Ajv and the specification read differently, or what has no end. */
function isFair(root: unknown): boolean {
  const text = JSON.stringify(root);
  return !text.includes('"$ref":"#/root"') || /"(properties|items|prefixItems)"/.test(text);
}

describe('the interpreter', () => {
  it('agrees with the compiled validator on any schema and value', async () => {
    await fc.assert(
      fc.asyncProperty(schema, schema, fc.array(value, { minLength: 1, maxLength: 8 }), async (root, other, values) => {
        fc.pre(isFair(root) && isFair(other));
        const unit = (await schemasOf({ root, other }))('root');
        for (const v of values) {
          let compiled: boolean | 'endless';
          try {
            compiled = unit.compiled(v);
          } catch {
            compiled = 'endless';
          }
          fc.pre(compiled !== 'endless');
          expect(unit.listed(v) === 0, JSON.stringify(v)).toBe(compiled);
        }
      }),
      { numRuns: 400 },
    );
  });
});
