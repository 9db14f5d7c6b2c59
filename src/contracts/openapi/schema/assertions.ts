import { codePoints } from './text-length.ts';
import { patternOf } from '../pattern/engine.ts';
import { Decimal } from './decimal.ts';
import { isEqual } from './equal.ts';
import { isNumeric, order } from './numeric.ts';
import { valueSetOf } from './value-set.ts';
import type { Formats } from './formats.ts';
import { isMultipleOf } from './multiple-of.ts';
import { hasUniqueItems } from './unique-items.ts';

export type Params = Readonly<Record<string, unknown>>;

/** How values are looked at. */
export interface Reading {
  readonly formats: Formats;
  /** Numbers that reading would change are there as they were written. Else they have been read, and some may have lost digits. */
  readonly written: boolean;
}

/**
 * Undefined: the value satisfies the keyword, or the keyword is not about values of its type. Throws DOUBTFUL where digits decide that the
 * value may have lost.
 */
export type Assertion = (value: unknown, wanted: unknown, reading: Reading) => Params | undefined;

const OK = undefined;

function hasType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
    case 'number':
      return typeof value === 'number' || value instanceof Decimal;
    case 'integer':
      if (value instanceof Decimal) return value.isInteger;
      // A number beyond the range of doubles has been read as infinite: it has no fraction that anyone could see.
      return typeof value === 'number' && !(Math.abs(value) % 1 > 0);
    default:
      return typeof value === type;
  }
}

const limit =
  (comparison: string, holds: (order: number) => boolean): Assertion =>
  (value, wanted) =>
    !isNumeric(value) || holds(order(value, wanted as number | Decimal)) ? OK : { comparison, limit: wanted };

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

function divides(step: number | Decimal, value: number | Decimal, written: boolean): boolean {
  if (!written && typeof value === 'number' && typeof step === 'number') return isMultipleOf(value, step);
  const decimal = (n: number | Decimal): Decimal => (typeof n === 'number' ? Decimal.ofNumber(n) : n);
  return decimal(value).isMultipleOf(decimal(step));
}

/** Keywords that look at a value as a whole. */
export const ASSERT: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  [
    'type',
    (value, wanted) => ((Array.isArray(wanted) ? wanted.some((t) => hasType(value, t)) : hasType(value, wanted)) ? OK : { type: wanted }),
  ],
  ['enum', (value, wanted) => (valueSetOf(wanted as unknown[]).has(value) ? OK : { allowedValues: wanted })],
  ['const', (value, wanted) => (isEqual(value, wanted) ? OK : { allowedValue: wanted })],
  [
    'multipleOf',
    (value, wanted, { written }) =>
      !isNumeric(value) || divides(wanted as number | Decimal, value, written) ? OK : { multipleOf: wanted },
  ],
  ['minimum', limit('>=', (n) => n >= 0)],
  ['maximum', limit('<=', (n) => n <= 0)],
  ['exclusiveMinimum', limit('>', (n) => n > 0)],
  ['exclusiveMaximum', limit('<', (n) => n < 0)],
  ['minLength', size(length, atLeast)],
  ['maxLength', size(length, atMost)],
  ['pattern', (value, wanted) => (typeof value !== 'string' || patternOf(wanted as string).test(value) ? OK : { pattern: wanted })],
  ['format', (value, wanted, { formats, written }) => (formats.accepts(wanted as string, value, written) ? OK : { format: wanted })],
  ['minItems', size(items, atLeast)],
  ['maxItems', size(items, atMost)],
  ['uniqueItems', (value, wanted) => (wanted !== true || !Array.isArray(value) || hasUniqueItems(value) ? OK : {})],
  ['minProperties', size(members, atLeast)],
  ['maxProperties', size(members, atMost)],
]);
