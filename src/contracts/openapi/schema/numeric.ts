import { Decimal } from './decimal.ts';

/** A number as it was read, or as it was written. */
export function isNumeric(value: unknown): value is number | Decimal {
  return typeof value === 'number' || value instanceof Decimal;
}

/** Below 0, 0 or above 0, as for `sort`. */
export function order(a: number | Decimal, b: number | Decimal): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  // A limit of the document that is beyond the range of doubles.
  if (typeof a === 'number' && !Number.isFinite(a)) return a;
  if (typeof b === 'number' && !Number.isFinite(b)) return -b;
  return (typeof a === 'number' ? Decimal.ofNumber(a) : a).compare(typeof b === 'number' ? Decimal.ofNumber(b) : b);
}
