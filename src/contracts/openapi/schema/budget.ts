import { SchemaFault } from './fault.ts';

/**
 * What a judgement may still cost, in units of some 25 nanoseconds. Everything spends from it whose work the sender or the author of the document
 * could make long: references, patterns, comparisons, loops. So one message can hold the event loop for a few hundredths of a second at most,
 * on a machine of today, and the same message always ends in the same verdict. Outside of judgements there is no bound.
 */
export const budget = { left: Infinity };

const BASE_UNITS = 200_000;
const UNITS_A_BYTE = 3;
const MAX_UNITS = 700_000;

/** What judging so many bytes may cost on the event loop, where others wait; elsewhere it may be more (`LoadOptions.patience`). */
export function unitsFor(bytes: number): number {
  return Math.min(MAX_UNITS, BASE_UNITS + UNITS_A_BYTE * bytes);
}

export const OVER_BUDGET = new SchemaFault('too_large', 'too many steps');

/** Throws where there is not so much left. */
export function spend(units: number): void {
  budget.left -= units;
  if (budget.left < 0) throw OVER_BUDGET;
}
