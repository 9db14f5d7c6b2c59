import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutcomeRow } from '../core/outcome-journal.ts';
import type { OutcomeQuery } from '../core/views.ts';
import { type FoundOutcome, OutcomeLedger } from './outcomes.ts';

const ALL: OutcomeQuery = { api: undefined, operation: undefined, consumer: undefined, state: undefined, limit: 1000, after: undefined };

const found = (more: Partial<FoundOutcome> = {}): FoundOutcome => ({
  api: 'billing',
  route: 'billing-route',
  operation: 'createPayment',
  method: 'POST',
  path: '/v1/payments',
  requestId: 'req-1',
  correlationId: 'cor-1',
  traceId: 'trace-1',
  consumer: { name: 'shop', version: '1.0' },
  reason: 'UPSTREAM_TIMEOUT',
  upstream: 'http://127.0.0.1:3000',
  sent: 'all',
  attempts: 1,
  keyHash: '',
  ...more,
});

const ledger = (limit = 1000, instance = 'a1'): OutcomeLedger => new OutcomeLedger({ limit, instance });
const ids = (l: OutcomeLedger, query: Partial<OutcomeQuery> = {}): string[] =>
  l.query({ ...ALL, ...query })?.items.map(({ requestId }) => requestId) ?? ['unknown cursor'];
const EXECUTED = { as: 'executed', note: 'seen in the books' } as const;

describe('the ledger of unknown outcomes', () => {
  it('shows the newest first, with an id and an instant', () => {
    const l = ledger();
    l.add(found({ requestId: 'one' }), 0);
    const item = l.add(found({ requestId: 'two' }), 1_763_734_800_123);
    expect(l.query(ALL)).toEqual({
      items: [
        { id: 'a1-1', at: '2025-11-21T14:20:00.123Z', ...found({ requestId: 'two' }), state: 'open' },
        { id: 'a1-0', at: '1970-01-01T00:00:00.000Z', ...found({ requestId: 'one' }), state: 'open' },
      ],
      next: null,
    });
    expect(item?.id).toBe('a1-1');
  });

  it.each([
    [{ api: 'other' }, ['b']],
    [{ operation: 'refund' }, ['c']],
    [{ consumer: 'web' }, ['d']],
    [{ state: 'settled' }, ['a']],
    [{ state: 'open' }, ['d', 'c', 'b']],
    [{ state: 'open', consumer: 'shop' }, ['c', 'b']],
    [{ api: 'Billing' }, []],
  ] as const)('filters by %j', (filter, expected) => {
    const l = ledger();
    const a = l.add(found({ requestId: 'a' }), 0);
    l.add(found({ requestId: 'b', api: 'other' }), 0);
    l.add(found({ requestId: 'c', operation: 'refund' }), 0);
    l.add(found({ requestId: 'd', consumer: { name: 'web', version: '' } }), 0);
    l.settle(a?.id ?? '', EXECUTED, 0);
    expect(ids(l, filter)).toEqual(expected);
  });

  it('is settled by a person, and the last word holds', () => {
    const l = ledger();
    const id = l.add(found(), 0)?.id ?? '';
    expect(l.settle(id, EXECUTED, 1000)).toEqual({
      ...l.query(ALL)?.items[0],
      state: 'settled',
      settledAs: 'executed',
      settledAt: '1970-01-01T00:00:01.000Z',
      note: 'seen in the books',
    });
    l.settle(id, { as: 'not_executed', note: '' }, 2000);
    expect(l.query(ALL)?.items).toMatchObject([{ settledAs: 'not_executed', settledAt: '1970-01-01T00:00:02.000Z', note: '' }]);
    expect(l.open.get('billing')).toBe(0);
  });

  it.each(['', 'a1', 'a1-', 'a1-1', 'a1--0', 'a1-00', 'a1-0 ', 'b2-0', '-0', 'a1-999999999999999999'])('does not know the id %j', (id) => {
    const l = ledger();
    l.add(found(), 0);
    expect(l.settle(id, EXECUTED, 0)).toBeUndefined();
    expect(l.query({ ...ALL, after: id })).toBeUndefined();
    expect(ids(l, { state: 'open' })).toHaveLength(1);
  });

  it('over its limit the oldest settled one goes, where none is the oldest, and both are counted', () => {
    const l = ledger(3);
    for (const requestId of ['a', 'b', 'c']) l.add(found({ requestId }), 0);
    l.settle('a1-2', EXECUTED, 0);
    l.settle('a1-1', EXECUTED, 0);
    for (const [requestId, left] of [
      ['d', ['d', 'c', 'a']],
      ['e', ['e', 'd', 'a']],
      ['f', ['f', 'e', 'd']],
    ] as const) {
      l.add(found({ requestId }), 0);
      expect(ids(l)).toEqual(left);
    }
    expect([l.dropped, l.open.get('billing')]).toEqual([3, 3]);
    expect(l.settle('a1-0', EXECUTED, 0)).toBeUndefined();
  });

  it('has one entry for one idempotency key', () => {
    const l = ledger();
    const id = l.add(found({ keyHash: 'k1' }), 0)?.id ?? '';
    expect(l.add(found({ keyHash: 'k1', reason: 'LOCK_LAPSED' }), 0)).toBeUndefined();
    expect(l.add(found({ keyHash: 'k1', reason: 'UPSTREAM_RESET' }), 0)).toBeUndefined();
    expect(l.add(found({ keyHash: 'k2' }), 0)).toBeDefined();
    expect(l.add(found({ keyHash: '' }), 0)).toBeDefined();
    expect(l.add(found({ keyHash: '' }), 0)).toBeDefined();
    l.settle(id, EXECUTED, 0);
    // Its lock has lapsed once; that duplicates go on finding it so is nothing new. Another run is.
    expect(l.add(found({ keyHash: 'k1', reason: 'LOCK_LAPSED' }), 0)).toBeUndefined();
    expect(l.add(found({ keyHash: 'k1', reason: 'UPSTREAM_RESET' }), 0)).toBeDefined();
  });

  it('forgets the key of an entry that went', () => {
    const l = ledger(1);
    l.add(found({ keyHash: 'k1' }), 0);
    l.add(found({ keyHash: 'k2' }), 0);
    expect(l.add(found({ keyHash: 'k1', reason: 'LOCK_LAPSED' }), 0)).toBeDefined();
  });

  it('pages give every item once, whatever is added meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('x', 'y')), fc.integer({ min: 1, max: 5 }), fc.boolean(), (operations, limit, filter) => {
        const l = ledger();
        for (const [i, operation] of operations.entries()) l.add(found({ requestId: String(i), operation }), i);
        const query = { ...ALL, limit, operation: filter ? 'x' : undefined };
        const expected = operations.flatMap((operation, i) => (!filter || operation === 'x' ? [String(i)] : [])).reverse();
        const seen: string[] = [];
        let after: string | undefined;
        for (;;) {
          const page = l.query({ ...query, after });
          seen.push(...(page?.items.map((i) => i.requestId) ?? []));
          expect(page?.items.length).toBeLessThanOrEqual(limit);
          l.add(found({ requestId: 'new', operation: 'x' }), 0);
          if (page?.next == null) break;
          after = page.next;
        }
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('a cursor whose item has gone goes on with what is older', () => {
    const l = ledger(3);
    for (const requestId of ['a', 'b', 'c']) l.add(found({ requestId }), 0);
    l.settle('a1-1', EXECUTED, 0);
    l.add(found({ requestId: 'd' }), 0);
    expect(ids(l, { after: 'a1-1' })).toEqual(['a']);
  });

  it('cuts what is too long, and safely knows every name', () => {
    const l = ledger();
    const long = 'x'.repeat(100_000);
    l.add(found({ path: long, requestId: long, operation: long, consumer: { name: long, version: long }, keyHash: long }), 0);
    l.settle('a1-0', { as: 'executed', note: long }, 0);
    expect(JSON.stringify(l.query(ALL)).length).toBeLessThan(16 * 1024);
    l.add(found({ api: '__proto__', consumer: { name: 'constructor', version: '' }, keyHash: '__proto__' }), 0);
    expect(l.open.get('__proto__')).toBe(1);
    expect(ids(l, { consumer: 'constructor' })).toEqual(['req-1']);
  });
});

describe('what a journal is told', () => {
  it('everything the first time, then what is new', () => {
    const l = ledger();
    l.add(found(), 0);
    expect(l.takeChanges()).toMatchObject({ from: 'nothing', put: [{ sequence: 0 }], gone: [] });
    expect(l.takeChanges()).toEqual({ from: 'before', put: [], gone: [] });
    l.add(found(), 0);
    l.settle('a1-1', EXECUTED, 0);
    l.settle('a1-0', EXECUTED, 0);
    expect(l.takeChanges()).toMatchObject({
      from: 'before',
      put: [
        { sequence: 1, item: { state: 'settled' } },
        { sequence: 0, item: { state: 'settled' } },
      ],
    });
  });

  it('whoever follows has what the ledger has, and another run goes on from there', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('', '', 'k1', 'k2') }),
      fc.record({ do: fc.constant('settle' as const), nth: fc.nat({ max: 10 }) }),
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('lose' as const) }),
      fc.record({ do: fc.constant('restart' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, limit) => {
        const rows = new Map<number, OutcomeRow>();
        let run = 0;
        let l = ledger(limit, `run${run}`);
        const take = (): void => {
          const { from, put, gone } = l.takeChanges();
          if (from === 'nothing') rows.clear();
          for (const sequence of gone) rows.delete(sequence);
          for (const row of put) rows.set(row.sequence, row);
        };
        const follower = (): OutcomeRow[] => [...rows.values()].sort((a, b) => a.sequence - b.sequence);
        for (const s of steps) {
          if (s.do === 'add') l.add(found({ keyHash: s.key }), 0);
          else if (s.do === 'settle') l.settle(l.query(ALL)?.items[s.nth]?.id ?? '', EXECUTED, 0);
          else if (s.do === 'lose') {
            l.takeChanges();
            l.startAnew();
          } else {
            take();
            const kept = follower().map(({ item }) => item);
            expect(kept).toEqual([...(l.query(ALL)?.items ?? [])].reverse());
            if (s.do !== 'restart') continue;
            run += 1;
            l = ledger(limit, `run${run}`);
            l.restore(follower());
            expect([...(l.query(ALL)?.items ?? [])].reverse()).toEqual(kept);
          }
        }
        expect(new Set(l.query(ALL)?.items.map(({ id }) => id)).size).toBe(l.query(ALL)?.items.length);
      }),
    );
  });

  it('is never longer than a few ledgers, however long nobody asks', () => {
    const l = ledger(3);
    l.takeChanges();
    for (let i = 0; i < 1000; i++) l.add(found(), 0);
    expect(l.takeChanges()).toMatchObject({ from: 'nothing', put: [{ sequence: 997 }, { sequence: 998 }, { sequence: 999 }], gone: [] });
  });

  it('what an earlier run has written beyond the limit goes, and is told of', () => {
    const before = ledger();
    for (let i = 0; i < 4; i++) before.add(found({ requestId: String(i) }), 0);
    const l = ledger(3, 'b2');
    l.restore(before.takeChanges().put);
    expect([l.dropped, ids(l)]).toEqual([1, ['3', '2', '1']]);
    expect(l.takeChanges()).toEqual({ from: 'before', put: [], gone: [0] });
    expect(l.add(found(), 0)?.id).toBe('b2-4');
    expect(ids(l, { after: 'a1-3' })).toEqual(['2']);
    expect(l.settle('a1-3', EXECUTED, 0)?.state).toBe('settled');
  });
});
