import { expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { OutcomeCounters } from './counted.ts';
import { idempotencyMetrics } from './metrics.ts';

function countersOf(operations: number, method = 'POST') {
  const { meter } = fakeDeps();
  const contract = fakeContract(Array.from({ length: operations }, (_, i) => ({ ...fakeOperation({ id: `op${i}` }), method })));
  return { meter, counters: new OutcomeCounters(meter.counter(idempotencyMetrics.requests), routeSpec({ contract })) };
}

const NAME = 'idempotency_requests_total';

it('ID-5: the outcomes of an operation are born together, so that a first increase is seen', () => {
  expect(countersOf(50).meter.born(NAME)).toBe(600);
  const { counters, meter } = countersOf(51);
  expect(meter.born(NAME)).toBe(0);
  counters.count('op7', 'mismatch');
  expect([meter.born(NAME), Object.values(meter.series(NAME))]).toEqual([12, [1]]);
});

it('ID-5: what changes nothing has none', () => {
  expect(countersOf(1, 'GET').meter.born(NAME)).toBe(0);
});
