import type { Schema } from './node.ts';

/** A key of an object: what it holds and what its absence means. The phantom `T` is what the object's type shows. */
export interface Field<T> {
  readonly presence: 'required' | 'optional' | 'defaulted';
  readonly schema: Schema<unknown>;
  readonly text: string;
  /** The value where the key is absent. */
  readonly absent: T;
  /** That value as it would be written. */
  readonly written?: unknown;
}

/** A key whose feature is not in this version: named, so that the report can say so instead of "unknown". */
export interface Later {
  readonly presence: 'later';
  readonly text: string;
}

export function later(text: string): Later {
  return { presence: 'later', text };
}
