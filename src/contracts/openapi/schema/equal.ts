import { Decimal } from './decimal.ts';
import { isNumeric, order } from './numeric.ts';

/** Equality of JSON values (JSON Schema core §4.2.2). */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Decimal || b instanceof Decimal) return isNumeric(a) && isNumeric(b) && order(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => isEqual(item, b[i]));
  }
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && isEqual((a as Members)[name], (b as Members)[name]));
}

type Members = Readonly<Record<string, unknown>>;
