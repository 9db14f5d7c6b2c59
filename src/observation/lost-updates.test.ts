import { expect, it } from 'vitest';
import { exchange } from '../../test/kit/exchange.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import { lostUpdateObserver } from './lost-updates.ts';

function observing() {
  const lines: object[] = [];
  const meter = new RecordingMeter();
  const keep = (fields: object, msg: string): void => void lines.push({ msg, ...fields });
  const { lostUpdate } = lostUpdateObserver({ info: keep, warn: keep, error: keep }, meter);
  const x = exchange({ method: 'PUT', target: '/invoices/1' });
  x.requestId = 'second';
  x.consumer = { name: 'shop', version: '1' };
  return { lines, meter, seen: (id: string) => lostUpdate(x, { id, overwritten: 'first' }) };
}

it('PC-2: a new finding writes one line', () => {
  const { lines, meter, seen } = observing();
  seen('f1');
  seen('f1');
  expect(lines).toEqual([
    {
      msg: 'drift.finding',
      id: 'f1',
      kind: 'lost_update',
      api: 'billing',
      operation: '_unmatched',
      pointer: '',
      consumer: 'shop',
      evidence: { method: 'PUT', request_id: 'second', overwritten_request_id: 'first' },
    },
  ]);
  expect(meter.series('drift_observations_total')).toEqual({ 'direction=ingress,api=billing,operation=_unmatched,kind=lost_update': 2 });
});

it('PC-2: a thousand findings have their line; others are counted', () => {
  const { lines, meter, seen } = observing();
  for (let i = 0; i < 1010; i++) seen(`f${i}`);
  seen('f0');
  expect([lines.length, meter.value('drift_observations_total')]).toEqual([1000, 1011]);
  expect(meter.value('observation_dropped_total', { reason: 'findings' })).toBe(10);
});
