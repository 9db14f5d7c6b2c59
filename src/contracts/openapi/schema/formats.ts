import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Format } from 'ajv';

/** Longer strings are not looked at: no format that people assert needs them, and every checker then has a bound. */
const MAX_LENGTH = 16_384;
const INT64 = 2 ** 63;

/**
 * The formats that are asserted: those of JSON Schema 2020-12 and of OpenAPI that `ajv-formats` knows. A format that stands
 * in no list is an annotation (OpenAPI 3.0.4 §4.4.1: "Formats … MAY be … ignored").
 */
export function assertedFormats(): Record<string, Format> {
  const formats: Record<string, Format> = {};
  for (const [name, format] of Object.entries(fullFormats)) formats[name] = bounded(format as Format);
  // Beyond 2^53 a parsed number has lost its digits: the limits themselves are given the benefit of the doubt.
  formats.int64 = { type: 'number', validate: (n: number) => Number.isInteger(n) && n >= -INT64 && n <= INT64 };
  return formats;
}

function bounded(format: Format): Format {
  if (format instanceof RegExp) return (s: string) => s.length > MAX_LENGTH || format.test(s);
  if (typeof format === 'function') return (s: string) => s.length > MAX_LENGTH || Boolean(format(s));
  if (typeof format !== 'object' || format.type === 'number') return format;
  const check = format.validate;
  if (check instanceof RegExp) return (s: string) => s.length > MAX_LENGTH || check.test(s);
  if (typeof check === 'function') return (s: string) => s.length > MAX_LENGTH || Boolean((check as (s: string) => unknown)(s));
  return format;
}
