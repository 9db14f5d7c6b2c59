import { expect, it } from 'vitest';
import { exchange } from '../../test/kit/exchange.ts';
import { findingRecord } from '../../test/kit/findings.ts';
import { contractSkewObserver } from './contract-skews.ts';

function observing() {
  const { lines, meter, record } = findingRecord();
  const { contractSkew } = contractSkewObserver(record);
  const seen = (consumer: string, declared: string, requestId = 'r'): void => {
    const x = exchange();
    x.requestId = requestId;
    x.consumer = { name: consumer, version: '7' };
    contractSkew(x, { declared, inForce: '2.0.0', skew: 'behind_major' });
  };
  return { lines, meter, record, seen };
}

it('a new finding writes one line', () => {
  const { lines, meter, seen } = observing();
  seen('shop', '1.4', 'first');
  seen('shop', '1.4', 'second');
  expect(lines).toEqual([
    {
      msg: 'drift.finding',
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      kind: 'contract_skew',
      api: 'billing',
      operation: '_unmatched',
      pointer: '',
      consumer: 'shop',
      evidence: { skew: 'behind_major', declared: '1.4', in_force: '2.0.0', consumer_version: '7', request_id: 'first' },
    },
  ]);
  expect(meter.series('drift_observations_total')).toEqual({ 'direction=ingress,api=billing,operation=_unmatched,kind=contract_skew': 2 });
});

it('another consumer, or another version, is another finding', () => {
  const { lines, meter, record, seen } = observing();
  for (const [consumer, declared] of [
    ['shop', '1.4'],
    ['cron', '1.4'],
    ['shop', '1.5'],
  ] as const)
    seen(consumer, declared);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(3);
  expect([record.findings.size, meter.value('drift_findings', { kind: 'contract_skew', state: 'new' })]).toEqual([3, 3]);
});

it('beyond a hundred of an API they are one', () => {
  const { record, seen } = observing();
  for (let i = 0; i < 1010; i++) seen(`c${i}`, '1');
  expect(record.findings.size).toBe(101);
});
