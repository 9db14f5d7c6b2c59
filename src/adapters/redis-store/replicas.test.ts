import { expect, it } from 'vitest';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import { redisStoreMetrics } from './metrics.ts';
import { Replicas } from './replicas.ts';

it('RL-3: while it is not known who is still there, the number only grows', () => {
  const meter = new RecordingMeter();
  const replicas = new Replicas(meter.gauge(redisStoreMetrics.replicas).with(), 1);
  replicas.heard(4, 1000);
  expect(replicas.count).toBe(4);
  replicas.heard(3, 2000);
  expect(replicas.count).toBe(3);
  replicas.lost(10_000);
  replicas.heard(1, 12_000); // Redis is back, and empty
  expect(replicas.count).toBe(3);
  replicas.heard(5, 13_000);
  expect(replicas.count).toBe(5);
  replicas.heard(2, 24_999);
  expect(replicas.count).toBe(5);
  replicas.heard(2, 25_000);
  expect([replicas.count, meter.value('store_replicas')]).toEqual([2, 2]);
});
