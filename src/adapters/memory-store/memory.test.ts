import { expect, it } from 'vitest';
import { collectGarbage } from '../../../test/kit/garbage.ts';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import type { StoreScript } from '../../core/store.ts';
import { MemoryStore } from './memory-store.ts';

const MIB = 1024 ** 2;

it('what is counted is no less than what is taken', async () => {
  const meter = new RecordingMeter();
  const store = new MemoryStore({ maxBytes: 64 * MIB, clock: { monotonicMs: () => 0 }, meter });
  const taking: StoreScript<boolean> = {
    name: 'limits.take',
    space: 'limits',
    lua: '',
    local: (records, [key = '']) => records.set(key, { fields: { at: 12_345.678, count: 7 }, expiresAt: 1e9 }),
    read: () => undefined,
  };
  await collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 40_000; i++) store.run(taking, [`per-consumer:consumer-${String(i).padStart(20, '0')}`], []);
  await collectGarbage();
  const taken = process.memoryUsage().heapUsed - before;
  store.publish();
  expect(meter.value('store_records')).toBe(40_000);
  expect(taken).toBeLessThan(meter.value('store_bytes'));
});
