/** Schemas and values for second opinions. */
import fc from 'fast-check';

const name = fc.constantFrom('a', 'b', 'c', 'x1', 'a/b', '');

export const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 3, 1.5, -3, 0.5, 1e3, '', 'a', 'ab', 'abc', 'b1', '😀', '1'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const small = fc.integer({ min: 0, max: 3 });
const limit = fc.constantFrom(-1, 0, 0.5, 1, 2, 1.5);
const pattern = fc.constantFrom('^a', '\\d$', '^.$', '^(a|b)+$', '^\\p{L}*$');
const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');

type Members = Record<string, unknown>;

type Model = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Some of the keywords, not many: more words make schemas that no value fits. */
function few(model: Model, most: number): fc.Arbitrary<Members> {
  return fc
    .subarray(Object.keys(model), { maxLength: most })
    .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, model[key] as fc.Arbitrary<unknown>]))));
}

/** Say something about values of every type. */
const assertions: Model = {
  type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
  enum: fc.array(value, { minLength: 1, maxLength: 3 }),
  const: value,
  minimum: limit,
  maximum: limit,
  exclusiveMinimum: limit,
  exclusiveMaximum: limit,
  multipleOf: fc.constantFrom(0.5, 1, 2, 3),
  minLength: small,
  maxLength: small,
  pattern,
  minItems: small,
  maxItems: small,
  uniqueItems: fc.boolean(),
  minProperties: small,
  maxProperties: small,
  required: fc.uniqueArray(name, { maxLength: 2 }),
  dependentRequired: fc.dictionary(name, fc.uniqueArray(name, { maxLength: 2 }), { maxKeys: 2 }),
};

/** JSON Schema 2020-12. References lead to what judges a part of the value, or to schemas without references: every judgement has an end. */
export const schema2020 = fc
  .letrec<{ schema: unknown }>((tie) => {
    const one = tie('schema');
    const reference = fc.constantFrom<unknown>(
      { $ref: '#/$defs/leaf' },
      { $ref: '#named' },
      { $ref: 'other' },
      { $ref: 'other#inner' },
      { $dynamicRef: '#node' },
      { $ref: 'extended' },
    );
    const below = fc.oneof({ weight: 4, arbitrary: one }, { weight: 1, arbitrary: fc.oneof(reference, fc.constant({ $ref: '#' })) });
    const here = fc.oneof(
      { weight: 5, arbitrary: one },
      { weight: 1, arbitrary: fc.constantFrom({ $ref: '#/$defs/leaf' }, { $ref: '#named' }) },
    );
    const some = fc.array(here, { minLength: 1, maxLength: 3 });
    const map = fc.dictionary(name, below, { maxKeys: 3 });
    const applicators: Model = {
      allOf: some,
      anyOf: some,
      oneOf: some,
      not: here,
      if: here,
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: here,
      else: here,
      dependentSchemas: fc.dictionary(name, here, { maxKeys: 2 }),
      properties: map,
      patternProperties: fc.dictionary(pattern, below, { maxKeys: 2 }),
      additionalProperties: below,
      propertyNames: fc.constantFrom({ maxLength: 1 }, { pattern: '^[a-c]' }, true),
      items: below,
      prefixItems: fc.array(below, { minLength: 1, maxLength: 2 }),
      contains: below,
      minContains: small,
      maxContains: small,
      unevaluatedItems: below,
      unevaluatedProperties: below,
    };
    return {
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.boolean(),
        few(assertions, 2),
        fc.tuple(few(assertions, 1), few(applicators, 3)).map(([a, b]) => ({ ...a, ...b })),
      ),
    };
  })
  .schema.map((schema) => ({
    ...(typeof schema === 'boolean' ? { allOf: [schema] } : (schema as Members)),
    $dynamicAnchor: 'node',
    $defs: {
      leaf: { type: ['integer', 'string', 'null'] },
      named: { $anchor: 'named', maxLength: 1, maxProperties: 1 },
      other: { $id: 'other', type: 'object', $defs: { inner: { $anchor: 'inner', type: 'string' } } },
      extended: {
        $id: 'extended',
        $dynamicAnchor: 'node',
        properties: { a: { $dynamicRef: '#node' }, b: { $ref: '#/$defs/b' } },
        $defs: { b: { type: 'boolean' } },
      },
    },
  }));

/** The dialect of OpenAPI 3.0, with references to a component `Leaf`, or to the schema itself from below. */
export const schema30 = fc.letrec<{ schema: unknown }>((tie) => {
  const one = tie('schema');
  const below = fc.oneof(
    { weight: 4, arbitrary: one },
    { weight: 1, arbitrary: fc.constantFrom({ $ref: '#/components/schemas/Leaf' }, { $ref: '#/components/schemas/Root' }) },
  );
  const some = fc.array(one, { minLength: 1, maxLength: 3 });
  const numbers: Model = {
    minimum: limit,
    maximum: limit,
    exclusiveMinimum: fc.boolean(),
    exclusiveMaximum: fc.boolean(),
    multipleOf: fc.constantFrom(0.5, 1, 2, 3),
    minLength: small,
    maxLength: small,
    pattern,
    minItems: small,
    maxItems: small,
    uniqueItems: fc.boolean(),
    minProperties: small,
    maxProperties: small,
    required: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
  };
  const parts: Model = {
    properties: fc.dictionary(name, below, { maxKeys: 3 }),
    additionalProperties: fc.oneof(below, fc.boolean()),
    items: below,
  };
  const types = fc.constantFrom('string', 'number', 'integer', 'boolean', 'array', 'object');
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      few(numbers, 2),
      // `nullable` is about `type` alone in what both readings of it agree on.
      fc.record({ type: types, nullable: fc.boolean() }).chain((typed) => few(numbers, 2).map((rest) => ({ ...typed, ...rest }))),
      fc.tuple(few(numbers, 1), few(parts, 2)).map(([a, b]) => ({ ...a, ...b })),
      fc.record({ enum: fc.array(value, { minLength: 1, maxLength: 3 }) }),
      few({ allOf: some, anyOf: some, oneOf: some, not: one }, 2),
    ),
  };
}).schema;
