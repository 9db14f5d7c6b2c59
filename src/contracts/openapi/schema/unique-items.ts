import { spend } from './budget.ts';
import { Decimal } from './decimal.ts';

/**
 * Whether no two items are equal as JSON values (JSON Schema validation §6.4.3), in time linear in the items' size: comparing
 * every pair would let one request of a megabyte hold the process for minutes.
 */
export function hasUniqueItems(items: readonly unknown[]): boolean {
  if (items.length < 2) return true;
  const scalars = new Set<unknown>();
  const others = new Set<string>();
  for (const item of items) {
    spend(4);
    if (typeof item === 'object' && item !== null) {
      const text = canonical(item, spend);
      if (others.has(text)) return false;
      others.add(text);
    } else {
      if (scalars.has(item)) return false;
      scalars.add(item);
    }
  }
  return true;
}

/** Equal values have the same text. `cost` is told of the work, in units of the budget. */
export function canonical(value: unknown, cost: (units: number) => void): string {
  cost(UNITS_A_VALUE);
  if (typeof value === 'string') return JSON.stringify(value);
  // Not as JSON: there numbers beyond the range of doubles would all be null.
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Decimal) return `${value.digits}e${value.exponent}`;
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, cost)).join()}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name], cost)}`);
  return `{${members.join()}}`;
}

const UNITS_A_VALUE = 12;
