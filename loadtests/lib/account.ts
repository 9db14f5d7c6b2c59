/**
 * Double entry: every request writes down what the gateway must count for it, and the end of the test takes off what it did count. What is
 * left over on either side is not 0: something was missed, or counted that nobody did.
 */
import { Counter } from 'k6/metrics';
import type { Thresholds } from './pace.ts';

const expected = new Counter('expected');
const unaccounted = new Counter('unaccounted');

export function expectCounted(kind: string, count = 1): void {
  expected.add(count, { kind });
  unaccounted.add(count, { kind });
}

export function takeOff(kind: string, counted: number): void {
  unaccounted.add(-counted, { kind });
}

/** Kinds of which there must be some, and kinds of which there may be none. */
export function accountThresholds(some: readonly string[], maybe: readonly string[] = []): Thresholds {
  const thresholds: Thresholds = {};
  for (const kind of [...some, ...maybe]) thresholds[`unaccounted{kind:${kind}}`] = ['count==0'];
  for (const kind of some) thresholds[`expected{kind:${kind}}`] = ['count>0'];
  return thresholds;
}
