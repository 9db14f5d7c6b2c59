/** Which OpenAPI line a document belongs to; it decides how its Schema Objects are read. */
export type Dialect = '3.0' | '3.1';

/**
 * What `nullable` means. `anywhere`: "Allows sending a null value for the defined schema" (3.0.0 to 3.0.2). `beside_type`: "This keyword
 * only takes effect if type is explicitly defined within the same Schema Object" (since 3.0.3). `never`: it is no keyword (3.1).
 */
export type Nullable = 'anywhere' | 'beside_type' | 'never';

export function nullableIn(version: string): Nullable {
  return version.startsWith('3.1') ? 'never' : /^3\.0(\.[0-2])?$/.test(version) ? 'anywhere' : 'beside_type';
}

/** In the normal form: null passes, all else is judged by the schema that it holds, which stands at the same place in the document. */
export const NULL_OR = 'plumbline:null-or';

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

/** Applicators whose subschemas judge a child of the instance: no annotation flows, so that they can be compiled apart. */
export const CHILD: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'additionalProperties', 'items', 'prefixItems']);

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
