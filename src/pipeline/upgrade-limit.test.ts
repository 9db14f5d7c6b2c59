import { expect, it } from 'vitest';
import { UpgradeLimit } from './upgrade-limit.ts';

it('EV-8: gives as many places as there are, and one that was given back again', () => {
  let open = 0;
  const limit = new UpgradeLimit(2, { set: () => undefined, inc: () => (open += 1), dec: () => (open -= 1) });
  expect([limit.take(), limit.take(), limit.take(), open]).toEqual([true, true, false, 2]);
  limit.release();
  expect([open, limit.take(), limit.take(), open]).toEqual([1, true, false, 2]);
});
