/** Which OpenAPI line a document belongs to; it decides how its Schema Objects are read. */
export type Dialect = '3.0' | '3.1';

/** In the normal form: null passes, all else is judged by the schema that it holds, which stands at the same place in the document. */
export const NULL_OR = 'plumbline:null-or';

/**
 * In the normal form: a `oneOf` in two readings, of which one must hold: without the names that this side may leave out, and with them. Without them
 * branches may fit that nothing else tells apart. Stands at the place of the `oneOf`.
 */
export const EITHER = 'plumbline:either';

/** In the normal form: a `$dynamicRef` whose meaning depends on the way that leads to it. */
export const DYNAMIC_REF = 'plumbline:dynamic-ref';

/** In the normal form: which branch of `oneOf` or `anyOf` a discriminator means. It decides nothing. */
export const MEANT = 'plumbline:meant';

/** In the normal form: assertions by name whose numbers binary floating point does not hold. */
export const WRITTEN = 'plumbline:written';

/** How a keyword holds subschemas. */
export type Holds = 'schema' | 'map' | 'list';

/** Applicators of JSON Schema 2020-12. In 3.0 those that it does not define are read in the same way: authors mean them. */
export const APPLICATORS: ReadonlyMap<string, Holds> = new Map<string, Holds>([
  ['allOf', 'list'],
  ['anyOf', 'list'],
  ['oneOf', 'list'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['dependentSchemas', 'map'],
  ['properties', 'map'],
  ['patternProperties', 'map'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['items', 'schema'],
  ['prefixItems', 'list'],
  ['contains', 'schema'],
  ['unevaluatedItems', 'schema'],
  ['unevaluatedProperties', 'schema'],
]);

/** Applicators whose subschemas judge the same instance: what a parent knows of its properties holds there too. */
export const IN_PLACE: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'then', 'else', 'dependentSchemas']);

/** Applicators whose subschemas judge the same instance, whatever they make of it. */
export const SAME_INSTANCE: ReadonlySet<string> = new Set([...IN_PLACE, 'not', 'if']);

/** Applicators whose subschemas judge a child of the instance: no annotation flows, so that they can be compiled apart. */
export const CHILD: ReadonlySet<string> = new Set([
  'properties',
  'prefixItems',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
  'items',
  'contains',
]);

/** Those of them that judge as many values as a message has: what is not small is called for each, so that the budget sees it. */
export const LOOPS: ReadonlySet<string> = new Set(['patternProperties', 'additionalProperties', 'propertyNames', 'items', 'contains']);

export type ValueRule = 'number' | 'positive' | 'count' | 'string' | 'boolean' | 'strings' | 'values' | 'any' | 'type' | 'lists';

/** Assertions that hold values, and what these must be. */
export const ASSERTIONS: ReadonlyMap<string, ValueRule> = new Map<string, ValueRule>([
  ['type', 'type'],
  ['enum', 'values'],
  ['const', 'any'],
  ['multipleOf', 'positive'],
  ['maximum', 'number'],
  ['exclusiveMaximum', 'number'],
  ['minimum', 'number'],
  ['exclusiveMinimum', 'number'],
  ['maxLength', 'count'],
  ['minLength', 'count'],
  ['pattern', 'string'],
  ['format', 'string'],
  ['maxItems', 'count'],
  ['minItems', 'count'],
  ['uniqueItems', 'boolean'],
  ['maxContains', 'count'],
  ['minContains', 'count'],
  ['maxProperties', 'count'],
  ['minProperties', 'count'],
  ['required', 'strings'],
  ['dependentRequired', 'lists'],
]);

export const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'null', 'array', 'object']);

/** Names that every object inherits: a validator must look for own members alone where one of them is declared. */
export const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Values of a schema that claims one of the wrong kind are ignored, as OpenAPI tools do: draft 3 wrote `required: true` on a property. */
export function isIgnored(keyword: string, value: unknown): boolean {
  return keyword === 'required' && typeof value === 'boolean';
}

/**
 * An enumeration of texts that others may join (`x-extensible: true` beside `enum`): a new one breaks no rule, and is told of as drift. JSON Schema
 * knows no such thing, and its authors mean it.
 */
export function isExtensible(schema: Readonly<Record<string, unknown>>): boolean {
  const { enum: values } = schema;
  return schema['x-extensible'] === true && Array.isArray(values) && values.every((value) => typeof value === 'string' || value === null);
}

/** What a keyword's value must be; undefined: it is. */
export function wrongValue(value: unknown, rule: ValueRule): string | undefined {
  switch (rule) {
    case 'number':
      return typeof value === 'number' ? undefined : 'a number';
    case 'positive':
      return typeof value === 'number' && value > 0 ? undefined : 'a number above 0';
    case 'count':
      return Number.isInteger(value) && (value as number) >= 0 ? undefined : 'a whole number from 0';
    case 'string':
      return typeof value === 'string' ? undefined : 'a string';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'strings':
      return isStrings(value) ? undefined : 'an array of strings';
    case 'values':
      return Array.isArray(value) ? undefined : 'an array';
    case 'lists':
      return isRecord(value) && Object.values(value).every(isStrings) ? undefined : 'an object of arrays of strings';
    case 'type': {
      const types = Array.isArray(value) ? (value as unknown[]) : [value];
      return types.length > 0 && types.every((t) => typeof t === 'string' && TYPES.has(t)) ? undefined : `one of ${[...TYPES].join(', ')}`;
    }
    case 'any':
      return undefined;
  }
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((v) => typeof v === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
