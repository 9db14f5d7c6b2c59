import type { Fault, Path } from './issues.ts';
import type { Schema } from './node.ts';

/** The same writing, read as something else: `fn` is only given values of the type that the schema promises. */
export function mapped<A, B>(schema: Schema<A>, fn: (value: A) => B): Schema<B> {
  return {
    empty: fn(schema.empty),
    container: schema.container,
    parse: (value, at, issues) => fn(schema.parse(value, at, issues)),
    jsonSchema: () => schema.jsonSchema(),
    doc: () => schema.doc(),
  };
}

/** One rule more than the schema can say. `below` is the place of the fault, from the value down. */
export function checked<T>(schema: Schema<T>, rule: (value: T) => (Fault & { readonly below?: Path }) | undefined): Schema<T> {
  return {
    ...schema,
    parse(value, at, issues) {
      const known = issues.list.length + issues.dropped;
      const read = schema.parse(value, at, issues);
      // A rule about a value that could not be read would only repeat what has been said.
      if (issues.list.length + issues.dropped > known) return read;
      const found = rule(read);
      if (found !== undefined) {
        const { below = [], ...fault } = found;
        issues.error([...at, ...below], fault);
      }
      return read;
    },
  };
}

/** Rules between the parts of a value: each fault has its place, and nothing is said of a part that is known to be wrong. */
export function checkedParts<T>(schema: Schema<T>, rule: (value: T) => readonly (Fault & { readonly below: Path })[]): Schema<T> {
  return {
    ...schema,
    parse(value, at, issues) {
      const read = schema.parse(value, at, issues);
      for (const { below, ...fault } of rule(read)) {
        const path = [...at, ...below];
        if (!issues.touches(path)) issues.error(path, fault);
      }
      return read;
    },
  };
}
