import type { Node } from '../document/documents.ts';
import { child, member } from '../document/pointer.ts';
import { ASSERT, type Params, type Reading } from './assertions.ts';
import { Decimal } from './decimal.ts';
import { DOUBTFUL } from './fault.ts';
import { WRITTEN } from './keywords.ts';

/** Assertions of one schema whose numbers no binary number holds, as they were written. */
export type Written = Readonly<Record<string, Decimal | ReadonlyArray<unknown>>>;

const LIMITS: readonly string[] = ['maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'multipleOf', 'const'];

/**
 * Takes assertions whose numbers lie beyond the precision of binary floating point out of a schema in the normal form, and keeps them as they
 * were written: what a value was read as may equal such a number, and its text may not.
 */
export function keepWritten(node: Node, out: { [keyword: string]: unknown }): void {
  const kept: Record<string, Decimal | readonly unknown[]> = {};
  for (const keyword of LIMITS) {
    const value = out[keyword];
    if (typeof value !== 'number') continue;
    // 3.0 has the limit in the other keyword, and only a flag in this one.
    const at = typeof member(node.value, keyword) === 'boolean' ? keyword.replace('exclusiveM', 'm') : keyword;
    const exact = exactly(node, value, at);
    if (exact instanceof Decimal) kept[keyword] = exact;
  }
  if (Array.isArray(out.enum)) {
    const values = out.enum.map((value: unknown, i) => (typeof value === 'number' ? exactly(node, value, 'enum', i) : value));
    if (values.some((value) => value instanceof Decimal)) kept.enum = values;
  }
  for (const keyword of Object.keys(kept)) delete out[keyword];
  if (Object.keys(kept).length > 0) out[WRITTEN] = kept;
}

function exactly({ file, pointer }: Node, value: number, ...path: ReadonlyArray<string | number>): number | Decimal {
  const written = file.written.size === 0 ? undefined : file.written.get(path.reduce<string>(child, pointer));
  if (written !== undefined || !Number.isFinite(value)) return written ?? value;
  if (Number.isSafeInteger(value)) return value;
  const decimal = Decimal.ofNumber(value);
  return Number.isInteger(value) || decimal.isLong ? decimal : value;
}

/** The first of them that a value breaks. Throws DOUBTFUL where it would have to be known how a number that was read had been written. */
export function brokenWritten(
  value: unknown,
  wanted: Written,
  reading: Reading,
): { readonly keyword: string; readonly params: Params } | undefined {
  for (const keyword of Object.keys(wanted)) {
    const limit = wanted[keyword];
    if (!reading.written && typeof value === 'number' && isNear(value, keyword, limit)) throw DOUBTFUL;
    const params = ASSERT.get(keyword)?.(value, limit, reading);
    if (params !== undefined) return { keyword, params };
  }
  return undefined;
}

function isNear(value: number, keyword: string, limit: unknown): boolean {
  if (keyword === 'multipleOf') return value !== 0;
  return Array.isArray(limit) ? limit.some((one) => isNear(value, keyword, one)) : limit instanceof Decimal && Number(limit.text) === value;
}
