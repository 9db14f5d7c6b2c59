import { expect, it } from 'vitest';
import { ruleGroups } from './groups.ts';
import { duration, windows } from './window.ts';

it.each([
  [259_200_000, '3d'],
  [4_320_000, '1h12m'],
  [5000, '5s'],
  [500, '500ms'],
  [90_061_001, '1d1h1m1s1ms'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([0, -1, 0.5, Number.NaN])('%d ms is no duration', (ms) => {
  expect(() => duration(ms)).toThrow(RangeError);
});

it('a window is one number and one unit', () => {
  expect(windows(60)('6h')).toBe('6m');
  expect(() => windows(1)('1h30m')).toThrow(RangeError);
});

/** Milliseconds of every duration in brackets, behind `offset` and in `for`, in the order in which they stand. */
function timesIn(windowScale: number): number[] {
  const rules = ruleGroups({ windowScale }).flatMap((group) => group.rules);
  return rules.flatMap((rule) => {
    const durations = [...rule.expr.matchAll(/(?:\[|:|offset )((?:\d+(?:ms|[dhms]))+)(?=[\]:\s)])/g)].map(([, text]) => text as string);
    return [...durations, ...('for' in rule ? [rule.for] : [])].map(milliseconds);
  });
}

const SIZES: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function milliseconds(text: string): number {
  return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * (SIZES[unit as string] as number), 0);
}

it('a scale divides every window, step, offset and `for`', () => {
  const whole = timesIn(1);
  expect(whole.length).toBeGreaterThan(100);
  expect(timesIn(60)).toEqual(whole.map((ms) => ms / 60));
});
