import { spend } from './budget.ts';
import { losesDigits } from './decimal.ts';

/** Up to 15 digits survive binary floating point, in its range: only such texts can have lost anything. */
const SUSPICIOUS = /[\d.]{16}|[eE][+-]?\d{3}/;
/** A number in JSON or YAML, and what stands before and after it: within strings it nearly always stands otherwise. */
const NUMBERS = /(?<=^|[\s:,[-])-?\d[\d.]*(?:[eE][+-]?\d+)?(?=$|[\s,\]}])/g;

/** What it costs to look at the digits of a number. */
const UNITS_A_NUMBER = 50;

/** Whether a text may have numbers that lose digits when they are read. A quick look: a string may look like one. */
export function mayLoseDigits(text: string): boolean {
  if (!SUSPICIOUS.test(text)) return false;
  for (const [number] of text.matchAll(NUMBERS)) {
    spend(UNITS_A_NUMBER);
    if (SUSPICIOUS.test(number) && losesDigits(number)) return true;
  }
  return false;
}
