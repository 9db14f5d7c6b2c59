import { isMapping } from './object.ts';
import type { Schema } from './node.ts';
import { wrongType } from './scalars.ts';
import { show } from './show.ts';

/** No honest configuration comes near it, and cross checks compare entries with each other. */
const MAX_ENTRIES = 1000;

interface ListOptions {
  readonly min?: number;
}

/** A list. Items that cannot be read stay in it as empty ones, so that indices keep their meaning. */
export function list<T>(item: Schema<T>, { min = 0 }: ListOptions = {}): Schema<readonly T[]> {
  return {
    empty: [],
    container: true,
    parse(value, at, issues) {
      if (!Array.isArray(value)) {
        issues.error(at, wrongType('a list', value));
        return [];
      }
      if (value.length < min) issues.error(at, { code: 'too_few', message: `needs at least ${min} ${min === 1 ? 'entry' : 'entries'}` });
      if (value.length > MAX_ENTRIES) issues.error(at, { code: 'too_many', message: `has more than ${MAX_ENTRIES} entries` });
      return value.slice(0, MAX_ENTRIES).map((entry: unknown, i) => item.parse(entry, [...at, i], issues));
    },
    jsonSchema: () => ({ type: 'array', items: item.jsonSchema(), ...(min > 0 && { minItems: min }) }),
    doc: () => ({ type: 'list', item: item.doc() }),
  };
}

interface RecordOptions {
  /** What a key is, for the reference page: `name`. */
  readonly key: string;
  /** What the pattern asks for, in words. */
  readonly form?: string;
  /** Must hold for every key. */
  readonly pattern: RegExp;
  readonly min?: number;
}

/** A mapping whose keys are names that people choose. Read as an object without a prototype: a name may be `__proto__`. */
export function record<T>(item: Schema<T>, { key, form, pattern, min = 0 }: RecordOptions): Schema<Readonly<Record<string, T>>> {
  return {
    empty: Object.freeze(Object.create(null)) as Readonly<Record<string, T>>,
    container: true,
    parse(value, at, issues) {
      const read = Object.create(null) as Record<string, T>;
      if (!isMapping(value)) {
        issues.error(at, wrongType('a mapping', value));
        return read;
      }
      const names = Object.keys(value);
      if (names.length < min) issues.error(at, { code: 'too_few', message: `needs at least ${min} ${min === 1 ? 'entry' : 'entries'}` });
      if (names.length > MAX_ENTRIES) issues.error(at, { code: 'too_many', message: `has more than ${MAX_ENTRIES} entries` });
      for (const name of names.slice(0, MAX_ENTRIES)) {
        if (!pattern.test(name)) {
          const message = `${show(name)} is not a ${key}${form === undefined ? '' : ` (${form})`}`;
          issues.error([...at, name], { code: 'malformed', message, found: show(name) }, 'key');
        }
        read[name] = item.parse(value[name], [...at, name], issues);
      }
      return read;
    },
    jsonSchema: () => ({
      type: 'object',
      propertyNames: { pattern: pattern.source },
      additionalProperties: item.jsonSchema(),
      ...(min > 0 && { minProperties: min }),
    }),
    doc: () => ({ type: 'mapping', key, item: item.doc() }),
  };
}
