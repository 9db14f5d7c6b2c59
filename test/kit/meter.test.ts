import { expect, test } from 'vitest';
import { RecordingMeter } from './meter.ts';

const requests = { type: 'counter', name: 'requests_total', help: 'Requests.', labels: ['api', 'code'] } as const;

test('values add up over the labels that are not named', () => {
  const meter = new RecordingMeter();
  meter.counter(requests).with('billing', 'OK').inc();
  meter.counter(requests).with('billing', 'BAD').inc(2);
  meter.counter(requests).with('dns', 'BAD');
  expect(meter.value('requests_total')).toBe(3);
  expect(meter.value('requests_total', { code: 'BAD' })).toBe(2);
  expect(meter.series('requests_total')).toEqual({ 'api=billing,code=OK': 1, 'api=billing,code=BAD': 2 });
});

test('a histogram keeps what it observed', () => {
  const meter = new RecordingMeter();
  const h = meter.histogram({ type: 'histogram', name: 'seconds', help: 'Seconds.', labels: [], buckets: [1] });
  h.with().observe(0.5);
  h.with().observe(2);
  expect(meter.observations('seconds')).toEqual([0.5, 2]);
  expect(meter.value('seconds')).toBe(2);
});

test('a misspelt name, a wrong label and a second meaning are errors, not zeros', () => {
  const meter = new RecordingMeter();
  meter.counter(requests);
  expect(() => meter.value('request_total')).toThrow('no metric request_total');
  expect(() => meter.value('requests_total', { operation: 'x' })).toThrow('no label operation');
  expect(() => meter.counter({ ...requests, labels: ['api'] })).toThrow('two meanings');
});
