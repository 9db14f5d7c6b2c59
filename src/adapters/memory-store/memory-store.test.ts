import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import type { StoreScript, StoreSpace } from '../../core/store.ts';
import { MemoryStore } from './memory-store.ts';

const KIB = 1024;

function keeping(space: StoreSpace): StoreScript<boolean> {
  return {
    name: `${space}.keep`,
    space,
    lua: '',
    local: (records, [key = ''], [bytes], nowMs) =>
      records.set(key, { fields: { body: new Uint8Array(Number(bytes)) }, expiresAt: nowMs + 1000 }),
    read: () => undefined,
  };
}

function setUp(maxBytes = 64 * KIB): { store: MemoryStore; clock: FakeClock; meter: RecordingMeter } {
  const [clock, meter] = [new FakeClock(), new RecordingMeter()];
  return { store: new MemoryStore({ maxBytes, clock, meter }), clock, meter };
}

describe('the store in memory', () => {
  it('answers at once, with its own time', () => {
    const { store, clock } = setUp();
    const telling: StoreScript<unknown> = { ...keeping('limits'), local: (_, keys, values, nowMs) => [keys, values, nowMs] };
    clock.advance(0.25);
    expect(store.run(telling, ['a', 'b'], [1, 'x'])).toEqual([['a', 'b'], [1, 'x'], 1000.25]);
    expect(store.replicas()).toBe(1);
  });

  it('what is to be done later is done at once', () => {
    const { store, meter } = setUp();
    store.later(keeping('limits'), ['a'], [1]);
    store.publish();
    expect(meter.value('store_records', { space: 'limits' })).toBe(1);
  });

  it('a quarter of the bytes is for rate limits; no space takes from the other', () => {
    const { store, meter } = setUp();
    for (let i = 0; i < 100; i++) store.run(keeping('limits'), [`key ${i}`], [KIB]);
    for (let i = 0; i < 20; i++) store.run(keeping('idempotency'), [`key ${i}`], [KIB]);
    store.publish();
    const [limits, keys] = (['limits', 'idempotency'] as const).map((space) => meter.value('store_bytes', { space })) as [number, number];
    expect(limits).toBeLessThanOrEqual(16 * KIB);
    expect(limits).toBeGreaterThan(14 * KIB);
    expect(meter.value('store_records', { space: 'idempotency' })).toBe(20);
    expect(keys).toBeGreaterThan(20 * KIB);
    expect(meter.value('store_evictions_total', { space: 'limits' })).toBe(100 - meter.value('store_records', { space: 'limits' }));
    expect(store.run(keeping('idempotency'), ['large'], [49 * KIB])).toBe(false);
    expect(store.run(keeping('idempotency'), ['large'], [47 * KIB])).toBe(true);
  });

  it('one key in two spaces is two records', () => {
    const { store, meter } = setUp();
    store.run(keeping('limits'), ['a'], [1]);
    store.run(keeping('idempotency'), ['a'], [1]);
    store.publish();
    expect(meter.series('store_records')).toEqual({ 'space=limits': 1, 'space=idempotency': 1 });
  });
});
