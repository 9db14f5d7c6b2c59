import type { Issues, Path } from './issues.ts';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** What the reference page says of a key. */
export interface FieldDoc {
  readonly key: string;
  readonly presence: 'required' | 'optional' | 'defaulted' | 'later';
  /** As written in the file; only where `presence` is `defaulted`. */
  readonly written?: unknown;
  readonly text: string;
  readonly doc: Doc;
}

/** The shape of a schema for people. `type` is a few words: `duration`, `one of off, report, enforce`. */
export interface Doc {
  readonly type: string;
  readonly fields?: readonly FieldDoc[];
  /** Of a list or record; `key` names a record's keys. */
  readonly item?: Doc;
  readonly key?: string;
  readonly alternatives?: readonly Doc[];
}

/**
 * One node. `parse` reports everything that is wrong and never throws; where a value cannot be used it gives `empty` in its place, so that
 * the rest can still be looked at. What it returns counts only while `issues` has no errors.
 */
export interface Schema<T> {
  readonly empty: T;
  /** Of mappings and lists: a key with nothing under it (`drain:`) counts as left out. */
  readonly container: boolean;
  parse(value: unknown, at: Path, issues: Issues): T;
  jsonSchema(): JsonSchema;
  doc(): Doc;
}

export type Infer<S> = S extends Schema<infer T> ? T : never;

/** In every place of a scalar an editor must accept `${VAR}` too; the parser sees it replaced. */
export const VARIABLE_REF: JsonSchema = Object.freeze({ $ref: '#/$defs/variable' });

export function orVariable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, VARIABLE_REF] };
}
