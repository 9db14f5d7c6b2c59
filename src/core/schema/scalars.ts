import type { Fault } from './issues.ts';
import { nearest } from './nearest.ts';
import { type Doc, type JsonSchema, type Schema, orVariable } from './node.ts';
import { show } from './show.ts';

export type Read<T> = { readonly value: T } | { readonly fault: Fault };

interface ScalarParts<T> {
  readonly empty: T;
  readonly type: string;
  readonly json: JsonSchema;
  read(value: unknown): Read<T>;
}

/** A leaf: reads one value or says what is wrong with it. */
export function scalar<T>({ empty, type, json, read }: ScalarParts<T>): Schema<T> {
  const doc: Doc = { type };
  return {
    empty,
    container: false,
    parse(value, at, issues) {
      const result = read(value);
      if ('value' in result) return result.value;
      issues.error(at, result.fault);
      return empty;
    },
    jsonSchema: () => json,
    doc: () => doc,
  };
}

export function wrongType(expected: string, value: unknown): Fault {
  const found = show(value);
  if (value === null || value === undefined) return { code: 'wrong_type', message: `has no value; expected ${expected}`, found };
  return { code: 'wrong_type', message: `expected ${expected}, found ${found}`, found };
}

interface StringOptions {
  /** For the reference page and messages: `header name`, `path`. */
  readonly type?: string;
  /** What the pattern asks for, in words. */
  readonly form?: string;
  /** Must hold for the whole text; must read the same in a regular expression with flag `u`. */
  readonly pattern?: RegExp;
  readonly maxLength?: number;
  /** The value never appears in a message. */
  readonly secret?: true;
}

/** A text. Numbers and booleans are refused, as YAML would already have changed them (`1.10` is 1.1). */
export function string({ type = 'text', form, pattern, maxLength = 1024, secret }: StringOptions = {}): Schema<string> {
  const json: JsonSchema = { type: 'string', ...(pattern && { pattern: pattern.source }), maxLength };
  const shown = (value: unknown): string => (secret ? 'what stands here' : show(value));
  const fault = (code: string, message: string, value: unknown): { readonly fault: Fault } => ({
    fault: { code, message, ...(!secret && { found: show(value) }) },
  });
  return scalar({
    empty: '',
    type,
    json: pattern === undefined ? json : orVariable(json),
    read(value) {
      if (typeof value === 'number' || typeof value === 'boolean') {
        return fault('wrong_type', `expected ${type}, found ${secret ? 'a number' : show(value)}: put it in quotes`, value);
      }
      if (typeof value !== 'string') return { fault: wrongType(type, value) };
      if (value.length > maxLength) return fault('too_long', `is longer than ${maxLength} characters`, value);
      if (pattern === undefined || pattern.test(value)) return { value };
      return fault('malformed', `${shown(value)} is not a ${type}${form === undefined ? '' : ` (${form})`}`, value);
    },
  });
}

/** `a`, `b` or `c`, as a type. */
function either(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  return quoted.length === 1 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** One of a closed set of words; one that is a number (`408`) may be written as one. `later` are words whose feature is not in this version. */
export function choice<const W extends readonly string[]>(words: W, later: readonly string[] = []): Schema<W[number]> {
  return scalar<W[number]>({
    empty: words[0] as W[number],
    type: either(words),
    json: orVariable({ enum: words.flatMap((word) => (/^\d+$/.test(word) ? [Number(word), word] : [word])) }),
    read(given) {
      const value = typeof given === 'number' ? String(given) : given;
      if (typeof value === 'string' && words.includes(value)) return { value: value as W[number] };
      const found = show(given);
      if (typeof value === 'string' && later.includes(value)) {
        return {
          fault: {
            code: 'not_in_this_version',
            message: `${found} is not in this version; possible: ${words.join(', ')}`,
            found,
            allowed: words,
          },
        };
      }
      const suggestion = typeof value === 'string' ? nearest(value, words) : undefined;
      const message = value === null ? `has no value; possible: ${words.join(', ')}` : `${found} is not one of ${words.join(', ')}`;
      return { fault: { code: 'not_allowed', message, found, allowed: words, ...(suggestion !== undefined && { suggestion }) } };
    },
  });
}

/** `true` or `false`; as text too, which is how variables and flags come. */
export function boolean(): Schema<boolean> {
  return scalar({
    empty: false,
    type: either(['true', 'false']),
    json: orVariable({ type: 'boolean' }),
    read(value) {
      if (typeof value === 'boolean') return { value };
      if (value === 'true' || value === 'false') return { value: value === 'true' };
      return { fault: { ...wrongType('true or false', value), allowed: ['true', 'false'] } };
    },
  });
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A whole number within bounds; as decimal digits in text too, which is how variables and flags come. */
export function integer(bounds: Bounds): Schema<number> {
  return numeric('integer', `whole number, ${bounds.min} to ${bounds.max}`, /^-?\d{1,15}$/, bounds);
}

/** A number within bounds; as text too, which is how variables and flags come. */
export function number(bounds: Bounds): Schema<number> {
  return numeric('number', `number, ${bounds.min} to ${bounds.max}`, /^-?\d{1,15}(?:\.\d{1,15})?$/, bounds);
}

function numeric(kind: 'integer' | 'number', type: string, text: RegExp, { min, max }: Bounds): Schema<number> {
  return scalar({
    empty: min,
    type,
    json: orVariable({ type: kind, minimum: min, maximum: max }),
    read(value) {
      const read = typeof value === 'string' && text.test(value) ? Number(value) : value;
      if (typeof read !== 'number' || !Number.isFinite(read) || (kind === 'integer' && !Number.isInteger(read))) {
        return { fault: wrongType(`a ${type}`, value) };
      }
      if (read < min || read > max)
        return { fault: { code: 'out_of_range', message: `${read} is not within ${min} to ${max}`, found: String(read) } };
      return { value: read };
    },
  });
}
