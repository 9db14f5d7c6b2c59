import { expect, it } from 'vitest';
import { RecordingMeter } from '../../test/kit/meter.ts';
import { ContractFetches } from './contract-fetches.ts';

const [A, B] = ['https://a.example/1', 'https://a.example/2'];

it('a document that cannot be fetched any more is said once, and that it can again', () => {
  const meter = new RecordingMeter();
  const lines: string[] = [];
  const log = (_: object, message: string): void => void lines.push(message);
  const fetches = new ContractFetches(meter, { info: log, warn: log, error: log });
  const success = (): number => meter.value('contract_fetch_success', { api: 'api' });
  fetches.told('api', 'failed', B, 'never there');
  expect([lines, success()]).toEqual([[], 0]);
  fetches.told('api', 'fetched', A, '');
  fetches.told('api', 'fetched', B, '');
  expect(success()).toBe(1);
  for (let i = 0; i < 3; i++) fetches.told('api', 'failed', A, 'it answered 500');
  fetches.told('api', 'not_modified', B, '');
  expect([lines, success()]).toEqual([[`cannot fetch ${A}: it answered 500; what was fetched before stays`], 0]);
  fetches.told('api', 'not_modified', A, '');
  expect([lines.at(-1), success()]).toEqual([`${A} can be fetched again`, 1]);
  expect(meter.series('contract_fetches_total')).toEqual({
    'api=api,outcome=failed': 4,
    'api=api,outcome=fetched': 2,
    'api=api,outcome=not_modified': 2,
  });
});

it('what is not asked for any more counts no longer', () => {
  const meter = new RecordingMeter();
  const fetches = new ContractFetches(meter, { info: () => undefined, warn: () => undefined, error: () => undefined });
  fetches.told('api', 'fetched', A, '');
  fetches.told('api', 'failed', B, 'x');
  fetches.retain(new Map([['api', new Set([A])]]));
  expect(meter.value('contract_fetch_success', { api: 'api' })).toBe(1);
  fetches.retain(new Map());
  expect(meter.series('contract_fetch_success')).toEqual({});
});
