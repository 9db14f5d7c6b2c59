import { child } from '../document/pointer.ts';
import { APPLICATORS, EITHER, NULL_OR } from './keywords.ts';

/** One schema of the normal form that says anything. */
export type Schema = { readonly [keyword: string]: unknown };
export type Members = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : NONE;
}

export function mapOf(value: unknown): Members {
  return isSchema(value) ? value : NO_MEMBERS;
}

const NONE: readonly unknown[] = [];
const NO_MEMBERS: Members = {};

/** The schemas that one holds, each with its pointer from there. `not` and `propertyNames` say nothing of members that are there. */
export function eachBelow(schema: Schema, visit: (below: unknown, path: string) => void): void {
  for (const keyword of Object.keys(schema)) {
    const held = schema[keyword];
    // Stands at the place of the schema that it holds.
    if (keyword === NULL_OR) visit(held, '');
    if (keyword === EITHER) visit(listOf(held)[0], '');
    const holds =
      keyword === 'not' || keyword === 'propertyNames' || keyword.startsWith('unevaluated') ? undefined : APPLICATORS.get(keyword);
    if (holds === 'schema') visit(held, child('', keyword));
    else if (holds === 'list') for (const [i, part] of listOf(held).entries()) visit(part, child(child('', keyword), i));
    else if (holds === 'map') for (const name of Object.keys(mapOf(held))) visit(mapOf(held)[name], child(child('', keyword), name));
  }
}
