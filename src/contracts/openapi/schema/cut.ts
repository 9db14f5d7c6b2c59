import { isObject } from '../document/pointer.ts';
import { CHILD, LOOPS } from './keywords.ts';

/** Inline schemas of one unit. Larger ones are cut where no annotation flows, so that no single compilation takes long. */
const CUT_ABOVE = 40;
/** What judges every item or member is cut where it is more than a few: the call of a unit is what spends from the budget. */
const CUT_LOOP_ABOVE = 6;

/** Of which weight a subschema of this keyword is compiled apart. */
export function cutAbove(keyword: string): number {
  if (!CHILD.has(keyword)) return Infinity;
  return LOOPS.has(keyword) ? CUT_LOOP_ABOVE : CUT_ABOVE;
}

const weights = new WeakMap<object, number>();

/** Objects and arrays in a value, up to a few more than `CUT_ABOVE`. */
export function weight(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const known = weights.get(value);
  if (known !== undefined) return known;
  let count = 0;
  const stack: unknown[] = [value];
  for (let top = stack.pop(); top !== undefined && count <= CUT_ABOVE; top = stack.pop()) {
    if (typeof top !== 'object' || top === null) continue;
    count += 1;
    if (isObject(top) && typeof top.$ref === 'string') continue;
    for (const key of Object.keys(top))
      if (key !== 'example' && key !== 'examples' && key !== 'enum') stack.push((top as Record<string, unknown>)[key]);
  }
  weights.set(value, count);
  return count;
}
