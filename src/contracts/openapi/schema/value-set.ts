import { spend } from './budget.ts';
import { Decimal } from './decimal.ts';
import { canonical } from './unique-items.ts';

/** Values to be looked up by equality (JSON Schema core §4.2.2) in a time that does not depend on how many there are. */
export class ValueSet {
  readonly #scalars = new Set<unknown>();
  /** Arrays and objects in their canonical form. */
  readonly #others = new Set<string>();

  constructor(values: readonly unknown[]) {
    for (const value of values) {
      if (typeof value === 'object' && value !== null) this.#others.add(canonical(value, FREE));
      else this.#scalars.add(value);
    }
  }

  has(value: unknown): boolean {
    if (typeof value === 'number' && !this.#scalars.has(value)) return this.#hasAsWritten(value);
    if (typeof value !== 'object' || value === null) return this.#scalars.has(value);
    return this.#others.size > 0 && this.#others.has(canonical(value, spend));
  }

  /** Numbers beyond the precision of binary floating point are kept as they were written, also those that reading does not change. */
  #hasAsWritten(value: number): boolean {
    if (this.#others.size === 0 || Number.isSafeInteger(value) || !Number.isFinite(value)) return false;
    return this.#others.has(canonical(Decimal.ofNumber(value), spend));
  }
}

const FREE = (): void => undefined;

const sets = new WeakMap<readonly unknown[], ValueSet>();

/** The set of an `enum`, made once. */
export function valueSetOf(values: readonly unknown[]): ValueSet {
  const known = sets.get(values);
  if (known !== undefined) return known;
  const made = new ValueSet(values);
  sets.set(values, made);
  return made;
}
