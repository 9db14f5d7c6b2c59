/** Windows of rules, all divided by one number where a test has no hours to wait. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A duration as PromQL and rule files write it: `3d`, `1h12m`, `500ms`. @throws RangeError where it is no whole number of milliseconds above 0. */
export function duration(ms: number): string {
  if (!Number.isInteger(ms) || ms <= 0) throw new RangeError(`no duration: ${ms} ms`);
  let left = ms;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}

/** From `5m` as it is meant to `5m` as it is rendered. */
export type Windows = (window: string) => string;

/** @throws RangeError where a window is not written as one number and one unit, or the scale leaves less than a millisecond. */
export function windows(scale: number): Windows {
  return (window) => {
    const [, count, unit] = /^(\d+)(d|h|m|s)$/.exec(window) ?? [];
    const size = UNITS.find(([name]) => name === unit)?.[1];
    if (size === undefined) throw new RangeError(`no window: ${window}`);
    return duration((Number(count) * size) / scale);
  };
}
