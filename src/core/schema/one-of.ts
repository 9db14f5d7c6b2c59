import { nearest } from './nearest.ts';
import type { Schema } from './node.ts';
import { isMapping } from './object.ts';
import { show } from './show.ts';

/** How an alternative is told from the others: any text, any list, any mapping, or a mapping that has this key. */
export type When = 'text' | 'list' | 'mapping' | { readonly key: string };

export interface Alternative<T> {
  readonly when: When;
  readonly schema: Schema<T>;
}

/**
 * One of several shapes, chosen by what the value is, so that the report is about the shape that was meant. `later` are keys that
 * tell shapes which are not in this version.
 */
export function oneOf<T>(
  expected: string,
  alternatives: readonly [Alternative<T>, ...Alternative<T>[]],
  later: readonly string[] = [],
): Schema<T> {
  const telling = alternatives.flatMap(({ when }) => (typeof when === 'object' ? [when.key] : []));
  return {
    empty: alternatives[0].schema.empty,
    container: false,
    parse(value, at, issues) {
      const chosen = alternatives.find(({ when }) => fits(value, when));
      if (chosen !== undefined) return chosen.schema.parse(value, at, issues);
      const keys = isMapping(value) ? Object.keys(value) : [];
      const notYet = keys.find((key) => later.includes(key));
      const found = show(value);
      if (notYet !== undefined) {
        issues.error([...at, notYet], { code: 'not_in_this_version', message: 'not in this version' }, 'key');
      } else {
        const near = keys.map((key) => ({ key, suggestion: nearest(key, [...telling, ...later]) })).find((n) => n.suggestion !== undefined);
        if (near?.suggestion === undefined)
          issues.error(at, { code: 'wrong_type', message: `expected ${expected}, found ${found}`, found });
        else
          issues.error(
            [...at, near.key],
            { code: 'unknown_key', message: 'unknown key', found: near.key, allowed: telling, suggestion: near.suggestion },
            'key',
          );
      }
      return alternatives[0].schema.empty;
    },
    jsonSchema: () => ({ anyOf: alternatives.map(({ schema }) => schema.jsonSchema()) }),
    doc: () => ({ type: expected, alternatives: alternatives.map(({ schema }) => schema.doc()) }),
  };
}

function fits(value: unknown, when: When): boolean {
  if (when === 'text') return typeof value === 'string';
  if (when === 'list') return Array.isArray(value);
  return isMapping(value) && (when === 'mapping' || Object.hasOwn(value, when.key));
}
