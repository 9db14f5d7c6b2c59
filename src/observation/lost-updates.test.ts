import { expect, it } from 'vitest';
import { exchange } from '../../test/kit/exchange.ts';
import { findingRecord } from '../../test/kit/findings.ts';
import { lostUpdateObserver } from './lost-updates.ts';

function observing(limit?: number) {
  const { lines, meter, clock, record } = findingRecord(limit);
  const { lostUpdate } = lostUpdateObserver(record);
  const seen = (id: string, method = 'PUT'): void => {
    const x = exchange({ method, target: '/invoices/1' });
    x.requestId = 'second';
    x.consumer = { name: 'shop', version: '1' };
    lostUpdate(x, { id, overwritten: 'first' });
  };
  return { lines, meter, clock, record, seen };
}

it('PC-2: each lost update writes one line', () => {
  const { lines, meter, seen } = observing();
  seen('f1');
  seen('f1');
  expect(lines).toEqual([
    {
      msg: 'drift.finding',
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      kind: 'lost_update',
      api: 'billing',
      operation: '_unmatched',
      pointer: '',
      consumer: 'shop',
      evidence: { update: 'f1', method: 'PUT', request_id: 'second', overwritten_request_id: 'first' },
    },
  ]);
  expect(meter.series('drift_observations_total')).toEqual({ 'direction=ingress,api=billing,operation=_unmatched,kind=lost_update': 2 });
});

it('PC-2: those of one operation are one finding', () => {
  const { lines, meter, record, seen } = observing();
  seen('f1');
  seen('f2');
  seen('f3', 'PATCH');
  expect(lines).toHaveLength(3);
  expect([record.findings.size, meter.value('drift_findings', { kind: 'lost_update', state: 'new' })]).toEqual([2, 2]);
});

it('PC-2: a thousand lost updates have their line; all are counted', () => {
  const { clock, lines, meter, seen } = observing();
  for (let i = 0; i < 1010; i++) {
    clock.advance(1000);
    seen(`f${i}`);
  }
  expect([lines.length, meter.value('drift_observations_total')]).toEqual([1000, 1010]);
});

it('without findings they are counted, and nothing else', () => {
  const { lines, meter, seen } = observing(0);
  seen('f1');
  expect([lines.length, meter.value('drift_observations_total'), meter.value('observation_dropped_total')]).toEqual([0, 1, 0]);
});
