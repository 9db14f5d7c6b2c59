import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import type { StoreRecord } from '../../core/store.ts';
import { memoryStoreMetrics } from './metrics.ts';
import { recordBytes } from './record-bytes.ts';
import { Space } from './space.ts';

function setUp(maxBytes: number): { space: Space; meter: RecordingMeter } {
  const meter = new RecordingMeter();
  const evictions = meter.counter(memoryStoreMetrics.evictions).with('limits');
  const refused = meter.counter(memoryStoreMetrics.refused).with('limits');
  return { space: new Space(maxBytes, { evictions, refused }), meter };
}

const record = (bytes: number, expiresAt = 1000, pinned = false): StoreRecord => ({
  fields: { body: new Uint8Array(bytes) },
  expiresAt,
  pinned,
});
/** What one of these takes under a key of one character. */
const sizeOf = (bytes: number): number => recordBytes('a', record(bytes));
const ONE = sizeOf(100);

describe('a space', () => {
  it('gives what was set, until it expires', () => {
    const { space } = setUp(10 * ONE);
    const one = record(100);
    expect(space.at(0).set('a', one)).toBe(true);
    expect(space.at(999).get('a')).toBe(one);
    expect(space.at(1000).get('a')).toBeUndefined();
    expect([space.records, space.bytes]).toEqual([0, 0]);
  });

  it('full: what was not used for longest goes, and is counted', () => {
    const { space, meter } = setUp(3 * ONE);
    for (const key of ['a', 'b', 'c']) space.at(0).set(key, record(100));
    space.get('a');
    expect(space.set('d', record(100))).toBe(true);
    expect(['a', 'b', 'c', 'd'].map((key) => space.get(key) !== undefined)).toEqual([true, false, true, true]);
    expect(meter.value('store_evictions_total')).toBe(1);
  });

  it('what had expired by the time that it goes is no eviction', () => {
    const { space, meter } = setUp(2 * ONE);
    space.at(0).set('a', record(100, 10));
    space.set('b', record(100));
    expect(space.at(10).set('c', record(100))).toBe(true);
    expect(space.get('b')).toBeDefined();
    expect(meter.value('store_evictions_total')).toBe(0);
  });

  it('a larger one makes others go, and the smaller one that it replaces', () => {
    const { space } = setUp(3 * ONE);
    for (const key of ['a', 'b', 'c']) space.at(0).set(key, record(100));
    expect(space.set('a', record(100 + ONE))).toBe(true);
    expect(['a', 'b', 'c'].map((key) => space.get(key) !== undefined)).toEqual([true, false, true]);
    expect(space.bytes).toBe(3 * ONE);
  });

  it('one that could not fit at all is refused, and what was there stays', () => {
    const { space, meter } = setUp(3 * ONE);
    const before = record(100);
    space.at(0).set('a', before);
    space.set('b', record(100));
    expect(space.set('a', record(4 * ONE))).toBe(false);
    expect([space.get('a'), space.records, meter.value('store_refused_total')]).toEqual([before, 2, 1]);
  });

  it('pinned ones never go: where they alone are left there is no room', () => {
    const { space, meter } = setUp(3 * ONE);
    for (const key of ['a', 'b']) space.at(0).set(key, record(100, 1000, true));
    space.set('c', record(100));
    expect(space.set('d', record(100, 1000, true))).toBe(true);
    expect(space.get('c')).toBeUndefined();
    expect(space.set('e', record(100))).toBe(false);
    expect(space.set('f', record(100, 1000, true))).toBe(false);
    expect(['a', 'b', 'd'].map((key) => space.get(key) !== undefined)).toEqual([true, true, true]);
    expect([meter.value('store_evictions_total'), meter.value('store_refused_total')]).toEqual([1, 2]);
  });

  it('one is let go when it is set again, or taken out, or has expired', () => {
    const { space } = setUp(3 * ONE);
    for (const key of ['a', 'b', 'c']) space.at(0).set(key, record(100, key === 'c' ? 10 : 1000, true));
    expect(space.set('a', record(100))).toBe(true);
    expect(space.set('d', record(100))).toBe(true);
    expect(space.get('a')).toBeUndefined();
    space.delete('b');
    expect(space.set('e', record(100))).toBe(true);
    expect(space.at(100).set('f', record(100))).toBe(true);
    expect(['d', 'e', 'f'].map((key) => space.get(key) !== undefined)).toEqual([true, true, true]);
  });

  it('one may be replaced by as large a one where nothing else could go', () => {
    const { space } = setUp(2 * ONE);
    for (const key of ['a', 'b']) space.at(0).set(key, record(100, 1000, true));
    expect(space.set('a', record(100, 2000, true))).toBe(true);
    expect(space.set('b', record(100))).toBe(true);
    expect([space.records, space.bytes]).toEqual([2, 2 * ONE]);
  });

  it('expired ones that nobody asks for go by and by', () => {
    const { space } = setUp(10_000 * ONE);
    for (let i = 0; i < 1500; i++) space.at(0).set(`loose ${i}`, record(100, 10));
    for (let i = 0; i < 1500; i++) space.at(0).set(`pinned ${i}`, record(100, 10, true));
    space.set('a', record(100, 10_000));
    for (let t = 100; t <= 500; t += 100) space.at(t).set('b', record(100, 10_000));
    expect(space.records).toBe(2);
  });

  it('one that lives on among the pinned does not keep others from being found', () => {
    const { space } = setUp(10_000 * ONE);
    for (let i = 0; i < 1100; i++) space.at(0).set(`lives ${i}`, record(100, 10_000, true));
    for (let i = 0; i < 500; i++) space.at(0).set(`gone ${i}`, record(100, 10, true));
    for (let t = 100; t <= 400; t += 100) space.at(t).set('b', record(100, 10_000));
    expect(space.records).toBe(1101);
  });

  it('bytes that are a small part of a larger buffer are kept as a copy, others as they are', () => {
    const { space } = setUp(1_000_000);
    const slab = new Uint8Array(65_536).fill(7);
    const own = new Uint8Array(100);
    space.at(0).set('a', { fields: { body: slab.subarray(10, 20), own, text: 'x' }, expiresAt: 1000 });
    const kept = space.get('a')?.fields as Record<string, Uint8Array>;
    expect(kept['body']).toEqual(new Uint8Array(10).fill(7));
    expect(kept['body']?.buffer.byteLength).toBe(10);
    expect([kept['own'] === own, kept['text']]).toEqual([true, 'x']);
  });

  it('a Buffer is copied too, out of the pool', () => {
    const { space } = setUp(1_000_000);
    space.at(0).set('a', { fields: { body: Buffer.from('abc') }, expiresAt: 1000 });
    const kept = space.get('a')?.fields as Record<string, Uint8Array>;
    expect([kept['body'], kept['body']?.buffer.byteLength]).toEqual([new Uint8Array([97, 98, 99]), 3]);
  });

  it('its bytes are what its records take, and never more than it may have, whatever is done', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const step = fc.oneof(
      fc.record({
        do: fc.constant('set' as const),
        key,
        bytes: fc.nat(800),
        pinned: fc.boolean(),
        forMs: fc.integer({ min: 1, max: 400 }),
      }),
      fc.record({ do: fc.constant('get' as const), key }),
      fc.record({ do: fc.constant('delete' as const), key }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.nat(150) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { space } = setUp(4 * ONE);
        const pinned = new Map<string, StoreRecord>();
        let now = 0;
        for (const one of steps) {
          if (one.do === 'wait') now += one.ms;
          else if (one.do === 'get') space.at(now).get(one.key);
          else if (one.do === 'delete') {
            space.at(now).delete(one.key);
            pinned.delete(one.key);
          } else {
            const made = record(one.bytes, now + one.forMs, one.pinned);
            if (space.at(now).set(one.key, made)) {
              pinned.delete(one.key);
              if (one.pinned) pinned.set(one.key, made);
              expect(space.get(one.key)).toEqual(made);
            }
          }
          expect(space.bytes).toBeLessThanOrEqual(4 * ONE);
          // Whoever relies on one finds it.
          for (const [name, kept] of pinned) expect(space.at(now).get(name)).toBe(kept.expiresAt > now ? kept : undefined);
        }
        for (const name of 'abcdef') space.delete(name);
        expect([space.records, space.bytes]).toEqual([0, 0]);
      }),
    );
  });
});
