import { spend } from './budget.ts';
import { Decimal, losesDigits } from './decimal.ts';
import { SchemaFault } from './fault.ts';
import { mayLoseDigits } from './number-texts.ts';

/** What the third argument of a reviver is (ECMA-262 §25.5.1: the text of a primitive value). */
interface Context {
  readonly source?: string;
}

/** What it costs to be asked about a value. */
const UNITS_A_VALUE = 6;

/**
 * JSON with every number as it was written: those that binary floating point does not hold are `Decimal`s. Undefined where all
 * are held: then the parsed value has lost nothing. Throws SchemaFault for numbers too long to be looked at, RangeError for text that is
 * nested too deeply.
 */
export function exactJson(text: string): { readonly value: unknown } | undefined {
  if (!mayLoseDigits(text)) return undefined;
  let lost = false;
  const read = (_: string, value: unknown, { source }: Context): unknown => {
    spend(UNITS_A_VALUE);
    if (typeof value !== 'number' || source === undefined || !losesDigits(source)) return value;
    const decimal = Decimal.of(source);
    if (decimal === undefined) throw new SchemaFault('unsupported', 'a number too long to be looked at');
    lost = true;
    return decimal;
  };
  const value: unknown = JSON.parse(text, read as (key: string, value: unknown) => unknown);
  return lost ? { value } : undefined;
}
