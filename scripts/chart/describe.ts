/**
 * The chart's values, described once: `values.yaml`, `values.schema.json` and the table of its README are made of this, so that a default, a rule and a
 * text cannot differ between them.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonSchema = { readonly [keyword: string]: Json };

/** One key. Exactly one of `fields` and `schema` says what may stand there. */
export type Value = Leaf | Section;

export interface Leaf {
  readonly kind: 'leaf';
  /** Markdown, whole sentences: the comment, the schema's description and the cell of the table. */
  readonly text: string;
  /** As `values.yaml` has it; undefined: it is not there unless somebody sets it. */
  readonly standard: Json | undefined;
  /** What JSON Schema says of it, without description and default. */
  readonly schema: JsonSchema;
  /** For the table, in words. */
  readonly type: string;
}

export interface Section {
  readonly kind: 'section';
  readonly text: string;
  readonly fields: Readonly<Record<string, Value>>;
}

/** A mapping with these keys and no others. */
export function section(text: string, fields: Readonly<Record<string, Value>>): Section {
  return { kind: 'section', text, fields };
}

export function leaf(text: string, standard: Json | undefined, type: string, schema: JsonSchema): Leaf {
  return { kind: 'leaf', text, standard, type, schema };
}

export function flag(text: string, standard: boolean): Leaf {
  return leaf(text, standard, '`true` or `false`', { type: 'boolean' });
}

export function choice(text: string, standard: string, allowed: readonly string[]): Leaf {
  return leaf(text, standard, allowed.map((word) => `\`${word}\``).join(', '), { enum: allowed });
}

export function integer(text: string, standard: number, [minimum, maximum]: readonly [number, number]): Leaf {
  return leaf(text, standard, `whole number, ${minimum} to ${maximum}`, { type: 'integer', minimum, maximum });
}

/** A text of a form; where the default is empty, empty is allowed and means what `text` says. */
export function word(text: string, standard: string, type: string, pattern: string): Leaf {
  const schema: JsonSchema = { type: 'string', pattern: standard === '' ? `^$|${pattern}` : pattern };
  return leaf(text, standard, type, schema);
}

/** A list or mapping, empty unless it is set. */
export function list(text: string, type: string, items: JsonSchema, standard: readonly Json[] = []): Leaf {
  return leaf(text, standard, type, { type: 'array', items });
}

/** `keys`: the form of its keys. */
export function mapping(text: string, type: string, values: JsonSchema, keys: string): Leaf {
  return leaf(text, {}, type, mapOf(keys, values));
}

/** As `patternProperties`: of a `propertyNames` that does not hold, Helm names a wrong place. */
export function mapOf(keys: string, values: JsonSchema): JsonSchema {
  return { type: 'object', patternProperties: { [keys]: values }, additionalProperties: false };
}
