import { expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { Counts } from './counted.ts';

function countersOf(operations: number, method = 'POST') {
  const { meter } = fakeDeps();
  const contract = fakeContract(Array.from({ length: operations }, (_, i) => ({ ...fakeOperation({ id: `op${i}` }), method })));
  return { meter, counts: new Counts(meter, routeSpec({ contract })) };
}

const NAME = 'idempotency_requests_total';

it('ID-5: the outcomes of an operation are born together, so that a first increase is seen', () => {
  expect(countersOf(50).meter.born(NAME)).toBe(600);
  const { counts, meter } = countersOf(51);
  expect(meter.born(NAME)).toBe(0);
  counts.of('op7').mismatch.inc();
  expect([meter.born(NAME), Object.values(meter.series(NAME))]).toEqual([12, [1]]);
  expect(['idempotency_stale_total', 'suspected_duplicates_total'].map((name) => meter.born(name))).toEqual([1, 1]);
});

it('ID-5: what changes nothing has none', () => {
  expect(countersOf(1, 'GET').meter.born(NAME)).toBe(0);
});
