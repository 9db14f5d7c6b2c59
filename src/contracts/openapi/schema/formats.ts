import type { Format } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';

/** Longer strings are not looked at: no format that people assert needs them, and every checker then has a bound. */
const MAX_LENGTH = 16_384;
const INT64 = 2 ** 63;

/**
 * The formats that are asserted: those of JSON Schema 2020-12 and of OpenAPI that `ajv-formats` knows. A format that stands
 * in no list is an annotation, and so are all where the setting says so.
 */
export class Formats {
  /** As Ajv takes them; empty where formats are annotations. */
  readonly forAjv: Readonly<Record<string, Format>>;
  readonly #checks: ReadonlyMap<string, (value: unknown) => boolean>;

  constructor(setting: 'assert' | 'annotate') {
    const checks = new Map<string, (value: unknown) => boolean>();
    const forAjv: Record<string, Format> = {};
    for (const [name, format] of setting === 'assert' ? Object.entries(fullFormats) : []) {
      const number = numeric(name, format as Format);
      const text = number === undefined ? textual(format as Format) : undefined;
      if (number !== undefined) forAjv[name] = { type: 'number', validate: number };
      else if (text !== undefined) forAjv[name] = text;
      checks.set(name, (value) =>
        number !== undefined && typeof value === 'number' ? number(value) : typeof value !== 'string' || text === undefined || text(value),
      );
    }
    this.forAjv = forAjv;
    this.#checks = checks;
  }

  accepts(name: string, value: unknown): boolean {
    return this.#checks.get(name)?.(value) ?? true;
  }
}

function numeric(name: string, format: Format): ((n: number) => boolean) | undefined {
  // Beyond 2^53 a parsed number has lost its digits: the limits themselves are given the benefit of the doubt.
  if (name === 'int64') return (n) => Number.isInteger(n) && n >= -INT64 && n <= INT64;
  return typeof format === 'object' && 'type' in format && format.type === 'number'
    ? (format.validate as (n: number) => boolean)
    : undefined;
}

function textual(format: Format): ((s: string) => boolean) | undefined {
  const check = typeof format === 'object' && !(format instanceof RegExp) ? format.validate : format;
  if (check instanceof RegExp) return (s) => s.length > MAX_LENGTH || check.test(s);
  if (typeof check === 'function') return (s) => s.length > MAX_LENGTH || Boolean((check as (s: string) => unknown)(s));
  return undefined;
}
