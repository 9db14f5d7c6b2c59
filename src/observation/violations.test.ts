import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ViolationQuery } from '../core/views.ts';
import { type FoundViolation, ViolationStore } from './violations.ts';

const ALL: ViolationQuery = {
  api: undefined,
  operation: undefined,
  consumer: undefined,
  side: undefined,
  rule: undefined,
  limit: 100,
  after: undefined,
};

const found = (more: Partial<FoundViolation> = {}): FoundViolation => ({
  requestId: 'req-1',
  traceId: 'trace-1',
  api: 'billing',
  contractVersion: '1.2.0',
  operation: 'createPayment',
  side: 'request',
  mode: 'report',
  consumer: { name: 'shop', version: '1.0' },
  rule: 'required',
  location: 'body',
  pointer: '/amount',
  specPointer: '#/paths/~1payments/post',
  detail: 'must have amount',
  ...more,
});

const store = (limit = 1000): ViolationStore => new ViolationStore({ limit, instance: 'a1' });

describe('ViolationStore', () => {
  it('shows the newest first, with an id and an instant', () => {
    const s = store();
    s.add(found({ requestId: 'one' }), 0);
    s.add(found({ requestId: 'two' }), 1_763_734_800_123);
    expect(s.query(ALL)).toEqual({
      items: [
        { id: 'a1-1', at: '2025-11-21T14:20:00.123Z', ...found({ requestId: 'two' }) },
        { id: 'a1-0', at: '1970-01-01T00:00:00.000Z', ...found({ requestId: 'one' }) },
      ],
      next: null,
    });
  });

  it.each([
    [{ api: 'other' }, ['b']],
    [{ operation: 'getPayment' }, ['c']],
    [{ consumer: 'web' }, ['d']],
    [{ side: 'response' }, ['e']],
    [{ rule: 'type' }, ['f', 'd']],
    [{ rule: 'type', consumer: 'web' }, ['d']],
    [{ rule: 'Type' }, []],
  ] as const)('filters by %j', (filter, expected) => {
    const s = store();
    s.add(found({ requestId: 'a' }), 0);
    s.add(found({ requestId: 'b', api: 'other' }), 0);
    s.add(found({ requestId: 'c', operation: 'getPayment' }), 0);
    s.add(found({ requestId: 'd', consumer: { name: 'web', version: '' }, rule: 'type' }), 0);
    s.add(found({ requestId: 'e', side: 'response' }), 0);
    s.add(found({ requestId: 'f', rule: 'type' }), 0);
    expect(s.query({ ...ALL, ...filter })?.items.map((i) => i.requestId)).toEqual(expected);
  });

  it('keeps the newest; a cursor that was displaced ends the list', () => {
    const s = store(3);
    for (let i = 0; i < 10; i++) s.add(found({ requestId: String(i) }), 0);
    expect(s.total).toBe(10);
    expect(s.query(ALL)?.items.map((i) => i.requestId)).toEqual(['9', '8', '7']);
    expect(s.query({ ...ALL, after: 'a1-2' })).toEqual({ items: [], next: null });
  });

  it('pages give every item once, whatever is added meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('required', 'type')), fc.integer({ min: 1, max: 5 }), fc.boolean(), (rules, limit, filter) => {
        const s = store();
        for (const [i, rule] of rules.entries()) s.add(found({ requestId: String(i), rule }), i);
        const query = { ...ALL, limit, rule: filter ? 'type' : undefined };
        const expected = rules.flatMap((rule, i) => (!filter || rule === 'type' ? [String(i)] : [])).reverse();
        const seen: string[] = [];
        let after: string | undefined;
        for (;;) {
          const page = s.query({ ...query, after });
          seen.push(...(page?.items.map((i) => i.requestId) ?? []));
          expect(page?.items.length).toBeLessThanOrEqual(limit);
          s.add(found({ requestId: 'new', rule: 'type' }), 0);
          if (page?.next == null) break;
          after = page.next;
        }
        expect(seen).toEqual(expected);
      }),
    );
  });

  it.each(['', 'a1', 'a1-', 'a1-2', 'a1--1', 'a1-01', 'a1-1e3', 'b2-0', '-0', 'a1-999999999999999999'])(
    'does not know the cursor %j',
    (after) => {
      const s = store();
      s.add(found(), 0);
      s.add(found(), 0);
      expect(s.query({ ...ALL, after })).toBeUndefined();
    },
  );

  it('cuts what is too long', () => {
    const s = store();
    const long = 'x'.repeat(100_000);
    s.add(found({ pointer: long, detail: long, consumer: { name: long, version: long }, operation: long }), 0);
    expect(JSON.stringify(s.query(ALL)).length).toBeLessThan(8 * 1024);
  });
});

describe('summary', () => {
  it('counts by consumer, operation, rule and place, whatever the place in an array', () => {
    const s = store(1);
    s.add(found({ pointer: '/lines/0/amount' }), 0);
    s.add(found({ pointer: '/lines/17/amount' }), 1000);
    s.add(found({ pointer: '/l1nes/x2' }), 0);
    s.add(found({ consumer: { name: 'web', version: '' }, pointer: '/lines/3' }), 0);
    const { groups, overflow } = s.summary.read();
    expect(overflow).toBe(0);
    expect(groups.map((g) => [g.consumer, g.pointer, g.count, g.lastAt])).toEqual([
      ['shop', '/lines/*/amount', 2, '1970-01-01T00:00:01.000Z'],
      ['shop', '/l1nes/x2', 1, '1970-01-01T00:00:00.000Z'],
      ['web', '/lines/*', 1, '1970-01-01T00:00:00.000Z'],
    ]);
  });

  it('counts one mistake in lists of lists once', () => {
    const s = store(1);
    for (const pointer of ['/orders/0/lines/1', '/orders/2/lines/3', '/orders/4/lines/5']) s.add(found({ pointer }), 0);
    expect(s.summary.read().groups.map(({ pointer, count }) => [pointer, count])).toEqual([['/orders/*/lines/*', 3]]);
  });

  it('has 500 groups at most and counts what found no place', () => {
    const s = store(10);
    for (let i = 0; i < 800; i++) s.add(found({ rule: `r${i}` }), 0);
    s.add(found({ rule: 'r0' }), 0);
    const { groups, overflow } = s.summary.read();
    expect(groups).toHaveLength(500);
    expect(overflow).toBe(300);
    expect(groups[0]).toMatchObject({ rule: 'r0', count: 2 });
  });

  it('is safe with prototype names', () => {
    const s = store();
    s.add(found({ operation: '__proto__', rule: 'constructor' }), 0);
    expect(s.summary.read().groups[0]).toMatchObject({ operation: '__proto__', rule: 'constructor', count: 1 });
  });
});
