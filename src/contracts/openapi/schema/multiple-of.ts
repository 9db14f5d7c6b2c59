import { spend } from './budget.ts';
import { Decimal } from './decimal.ts';
import { DOUBTFUL } from './fault.ts';

/** What whole numbers of any length cost. */
const UNITS = 30;

/**
 * Whether `value` is a whole multiple of `step`, by their decimal forms and not by binary division: 19.99 is a multiple of 0.01.
 * Throws DOUBTFUL where the text of the value may have had digits that the number has not.
 */
export function isMultipleOf(value: number, step: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  if (!Number.isFinite(value)) throw DOUBTFUL;
  spend(UNITS);
  const decimal = Decimal.ofNumber(value);
  if (decimal.isLong) throw DOUBTFUL;
  return decimal.isMultipleOf(Decimal.ofNumber(step));
}
