/**
 * Typed combinators for what people write in a configuration. A schema is written once, next to the code that reads the values, and gives
 * the parser, the TypeScript type, the JSON Schema for editors and the reference page.
 */
export { number, boolean, choice, integer, string } from './schema/scalars.ts';
export { durationMs, sizeBytes } from './schema/units.ts';
export { headerName, pathPrefix } from './schema/http-values.ts';
export { defaulted, object, optional, required } from './schema/object.ts';
export { later } from './schema/field.ts';
export { list, record } from './schema/collections.ts';
export { oneOf } from './schema/one-of.ts';
export { checked, checkedParts, mapped } from './schema/derived.ts';
export { nearest } from './schema/nearest.ts';
export { Issues } from './schema/issues.ts';
export type { Fault, Issue, Path } from './schema/issues.ts';
export type { Doc, FieldDoc, Infer, JsonSchema, Schema } from './schema/node.ts';
