import { Decimal, losesDigits } from '../schema/decimal.ts';
import { mayLoseDigits } from '../schema/number-texts.ts';
import type { Syntax } from './parse.ts';
import { child } from './pointer.ts';
import { offsetsOf } from './position.ts';

/** Keywords whose numbers decide. */
const DECIDES = /\/(?:maximum|minimum|exclusiveMaximum|exclusiveMinimum|multipleOf|const|enum\/\d+)$/;
const MAX_FOUND = 10_000;
/** From the key of a member, or from an item. */
const AT = /(?:["']?[a-zA-Z]+["']?\s*:)?\s*(-?\d[\d.]*(?:[eE][+-]?\d+)?)/y;

/**
 * How numbers that decide were written in a file, by their pointers, where reading them has lost digits: `maximum: 9223372036854775807`.
 * Most files have none, and then this is one quick look at the text.
 */
export function writtenNumbers(text: string, syntax: Syntax, value: unknown): ReadonlyMap<string, Decimal> {
  const found = new Map<string, Decimal>();
  if (!mayLoseDigits(text)) return found;
  const pointers = decidingNumbers(value);
  for (const [i, offset] of offsetsOf(text, syntax, pointers).entries()) {
    AT.lastIndex = Math.max(offset, 0);
    const written = AT.exec(text)?.[1] ?? '';
    const decimal = losesDigits(written) ? Decimal.of(written) : undefined;
    if (decimal !== undefined) found.set(pointers[i] as string, decimal);
  }
  return found;
}

function decidingNumbers(root: unknown): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const stack: Array<readonly [value: unknown, pointer: string]> = [[root, '']];
  for (let top = stack.pop(); top !== undefined && found.length < MAX_FOUND; top = stack.pop()) {
    const [value, pointer] = top;
    if (typeof value === 'number' && DECIDES.test(pointer)) found.push(pointer);
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const key of Object.keys(value)) stack.push([(value as Record<string, unknown>)[key], child(pointer, key)]);
  }
  return found;
}
