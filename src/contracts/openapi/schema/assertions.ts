import { codePoints } from './text-length.ts';
import { patternOf } from '../pattern/engine.ts';
import { isEqual } from './equal.ts';
import type { Formats } from './formats.ts';
import { isMultipleOf } from './multiple-of.ts';
import { hasUniqueItems } from './unique-items.ts';

type Params = Readonly<Record<string, unknown>>;

/** Undefined: the value satisfies the keyword, or the keyword is not about values of its type. */
export type Assertion = (value: unknown, wanted: unknown, formats: Formats) => Params | undefined;

const OK = undefined;

function hasType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      // A number beyond the range of doubles has been read as infinite: it has no fraction that anyone could see.
      return typeof value === 'number' && !(Math.abs(value) % 1 > 0);
    default:
      return typeof value === type;
  }
}

const limit =
  (comparison: string, holds: (value: number, limit: number) => boolean): Assertion =>
  (value, wanted) =>
    typeof value !== 'number' || holds(value, wanted as number) ? OK : { comparison, limit: wanted };

const size =
  (of: (value: unknown) => number | undefined, holds: (n: number, limit: number) => boolean): Assertion =>
  (value, wanted) => {
    const n = of(value);
    return n === undefined || holds(n, wanted as number) ? OK : { limit: wanted };
  };

const atLeast = (n: number, limit: number): boolean => n >= limit;
const atMost = (n: number, limit: number): boolean => n <= limit;
const length = (value: unknown): number | undefined => (typeof value === 'string' ? codePoints(value) : undefined);
const items = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);
const members = (value: unknown): number | undefined => (hasType(value, 'object') ? Object.keys(value as object).length : undefined);

/** Keywords that look at a value as a whole. */
export const ASSERT: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  [
    'type',
    (value, wanted) => ((Array.isArray(wanted) ? wanted.some((t) => hasType(value, t)) : hasType(value, wanted)) ? OK : { type: wanted }),
  ],
  ['enum', (value, wanted) => ((wanted as unknown[]).some((one) => isEqual(one, value)) ? OK : { allowedValues: wanted })],
  ['const', (value, wanted) => (isEqual(value, wanted) ? OK : { allowedValue: wanted })],
  ['multipleOf', (value, wanted) => (typeof value !== 'number' || isMultipleOf(value, wanted as number) ? OK : { multipleOf: wanted })],
  ['minimum', limit('>=', atLeast)],
  ['maximum', limit('<=', atMost)],
  ['exclusiveMinimum', limit('>', (n, l) => n > l)],
  ['exclusiveMaximum', limit('<', (n, l) => n < l)],
  ['minLength', size(length, atLeast)],
  ['maxLength', size(length, atMost)],
  ['pattern', (value, wanted) => (typeof value !== 'string' || patternOf(wanted as string).test(value) ? OK : { pattern: wanted })],
  ['format', (value, wanted, formats) => (formats.accepts(wanted as string, value) ? OK : { format: wanted })],
  ['minItems', size(items, atLeast)],
  ['maxItems', size(items, atMost)],
  ['uniqueItems', (value, wanted) => (wanted !== true || !Array.isArray(value) || hasUniqueItems(value) ? OK : {})],
  ['minProperties', size(members, atLeast)],
  ['maxProperties', size(members, atMost)],
]);
