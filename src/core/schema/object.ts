import type { Field, Later } from './field.ts';
import { Issues, type Path } from './issues.ts';
import { nearest } from './nearest.ts';
import type { FieldDoc, JsonSchema, Schema } from './node.ts';
import { wrongType } from './scalars.ts';
import { printable } from './show.ts';

type Fields = Readonly<Record<string, Field<unknown> | Later>>;

type ObjectOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Later ? never : K]: F[K] extends Field<infer T> ? T : never;
};

export function required<T>(schema: Schema<T>, text: string): Field<T> {
  return { presence: 'required', schema, text, absent: schema.empty };
}

export function optional<T>(schema: Schema<T>, text: string): Field<T | undefined> {
  return { presence: 'optional', schema, text, absent: undefined };
}

/** `written` is the default as a file would say it; throws where the schema itself would refuse it. */
export function defaulted<T>(schema: Schema<T>, written: unknown, text: string): Field<T> {
  const issues = new Issues();
  const absent = schema.parse(written, [], issues);
  if (issues.failed) throw new Error(`default ${JSON.stringify(written)}: ${issues.list[0]?.message}`);
  return { presence: 'defaulted', schema, text, absent, written };
}

/** Plain mappings only; values are looked at through own keys, so that a key named `__proto__` is a key like any other. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === null || proto === Object.prototype;
}

/** A mapping with these keys and no others. */
export function object<const F extends Fields>(fields: F): Schema<ObjectOf<F>> {
  const keys = Object.keys(fields);
  const known = keys.filter((key) => fields[key]?.presence !== 'later');
  const empty = Object.fromEntries(known.map((key) => [key, (fields[key] as Field<unknown>).absent])) as ObjectOf<F>;
  return {
    empty,
    container: true,
    parse(value, at, issues) {
      if (!isMapping(value)) {
        issues.error(at, wrongType('a mapping', value));
        return empty;
      }
      const meant = refuseUnknown(value, at, keys, known, issues);
      const read: Record<string, unknown> = {};
      for (const key of keys) {
        const field = fields[key] as Field<unknown> | Later;
        if (field.presence === 'later') refuseLater(value, [...at, key], issues);
        else read[key] = readField(field, value, [...at, key], meant, issues);
      }
      return read as ObjectOf<F>;
    },
    jsonSchema: () => objectJson(fields, known),
    doc: () => ({ type: 'mapping', fields: keys.map((key) => fieldDoc(key, fields[key] as Field<unknown> | Later)) }),
  };
}

/** Reports keys that are not known; returns those that were probably meant, which then do not count as missing. */
function refuseUnknown(
  value: Readonly<Record<string, unknown>>,
  at: Path,
  keys: readonly string[],
  allowed: readonly string[],
  issues: Issues,
): ReadonlySet<string> {
  const meant = new Set<string>();
  for (const key of Object.keys(value)) {
    if (keys.includes(key)) continue;
    const free = keys.filter((k) => !Object.hasOwn(value, k));
    const suggestion = nearest(key, free) ?? nearest(key, keys);
    if (suggestion !== undefined) meant.add(suggestion);
    issues.error(
      [...at, key],
      {
        code: 'unknown_key',
        message: 'unknown key',
        found: printable(key),
        allowed,
        ...(suggestion !== undefined && { suggestion }),
      },
      'key',
    );
  }
  return meant;
}

function given(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function refuseLater(value: Readonly<Record<string, unknown>>, at: Path, issues: Issues): void {
  if (given(value, at.at(-1) as string) === undefined) return;
  issues.error(at, { code: 'not_in_this_version', message: 'not in this version' }, 'key');
}

function readField(
  field: Field<unknown>,
  value: Readonly<Record<string, unknown>>,
  at: Path,
  meant: ReadonlySet<string>,
  issues: Issues,
): unknown {
  const key = at.at(-1) as string;
  const written = given(value, key);
  const leftOut = written === undefined || (written === null && field.schema.container && field.presence !== 'required');
  if (!leftOut) return field.schema.parse(written, at, issues);
  if (meant.has(key)) issues.broken(at);
  else if (field.presence === 'required') issues.error(at, { code: 'missing_key', message: 'is required' }, 'key');
  return field.absent;
}

function objectJson(fields: Fields, known: readonly string[]): JsonSchema {
  const properties = known.map((key) => {
    const field = fields[key] as Field<unknown>;
    const json = field.schema.jsonSchema();
    const nothing = field.schema.container && field.presence !== 'required' && typeof json.type === 'string';
    return [
      key,
      {
        description: field.text,
        ...(field.presence === 'defaulted' && { default: field.written }),
        ...json,
        ...(nothing && { type: [json.type, 'null'] }),
      },
    ];
  });
  const needed = known.filter((key) => fields[key]?.presence === 'required');
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
}

function fieldDoc(key: string, field: Field<unknown> | Later): FieldDoc {
  if (field.presence === 'later') return { key, presence: 'later', text: field.text, doc: { type: '' } };
  const { presence, text, written } = field;
  return { key, presence, text, doc: field.schema.doc(), ...(presence === 'defaulted' && { written }) };
}
