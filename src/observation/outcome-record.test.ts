import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { exchange, routeSpec } from '../../test/kit/exchange.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import type { OutcomeChanges, OutcomeJournal, OutcomeRow } from '../core/outcome-journal.ts';
import type { Task, UnknownOutcome } from '../core/ports.ts';
import { OutcomeRecord } from './outcome-record.ts';
import { OutcomeLedger } from './outcomes.ts';

class FakeJournal implements OutcomeJournal {
  rows: readonly OutcomeRow[] = [];
  readonly writes: OutcomeChanges[] = [];
  broken: Error | undefined = undefined;
  read(): readonly OutcomeRow[] {
    return this.rows;
  }
  write(changes: OutcomeChanges): Error | undefined {
    this.writes.push(changes);
    return this.broken;
  }
}

let clock: FakeClock;
let meter: RecordingMeter;
let tasks: Task[];
let said: string[];
let record: OutcomeRecord;
let journal: FakeJournal;

beforeEach(() => {
  clock = new FakeClock();
  meter = new RecordingMeter();
  tasks = [];
  said = [];
  const say = (_fields: object, message: string): void => void said.push(message);
  record = new OutcomeRecord({
    ledger: new OutcomeLedger({ limit: 3, instance: 'a1' }),
    clock,
    timers: clock,
    afterwork: { add: (task) => void tasks.push(task) },
    meter,
    logger: { info: say, warn: say, error: say },
  });
  journal = new FakeJournal();
});

const ALL = { api: undefined, operation: undefined, consumer: undefined, state: undefined, limit: 100, after: undefined } as const;
const endOfTurn = (): void => {
  for (const task of tasks.splice(0)) task.work();
};

function lost(api = 'billing', reason: UnknownOutcome['reason'] = 'UPSTREAM_TIMEOUT', keyHash = ''): void {
  const x = exchange({ method: 'POST', target: '/v1/payments?card=4111', route: routeSpec({ api }) });
  x.requestId = 'req-1';
  x.correlationId = 'cor-1';
  x.traceId = 'trace-1';
  x.consumer = { name: 'shop', version: '1.0' };
  x.sent = 'part';
  x.attempts = 2;
  record.unknownOutcome(x, { reason, keyHash });
}

describe('an unknown outcome', () => {
  it('is entered with all that finds it again, and without the query', () => {
    lost('billing', 'UPSTREAM_RESET', 'k1');
    expect(record.query(ALL)?.items).toEqual([
      {
        id: 'a1-0',
        at: '2026-01-01T00:00:00.000Z',
        api: 'billing',
        route: 'billing-route',
        operation: '_unmatched',
        method: 'POST',
        path: '/v1/payments',
        requestId: 'req-1',
        correlationId: 'cor-1',
        traceId: 'trace-1',
        consumer: { name: 'shop', version: '1.0' },
        reason: 'UPSTREAM_RESET',
        upstream: 'http://127.0.0.1:3000',
        sent: 'part',
        attempts: 2,
        keyHash: 'k1',
        state: 'open',
      },
    ]);
  });

  it('of a lapsed lock does not say how much was sent: that was another request', () => {
    lost('billing', 'LOCK_LAPSED', 'k1');
    expect(record.query(ALL)?.items[0]?.sent).toBe('unknown');
  });

  it.each([
    [201, 'settled executed answered 201 after its lock had lapsed'],
    [422, 'settled not_executed answered 422 after its lock had lapsed'],
    [500, 'open'],
  ])('of a lapsed lock is settled by a late answer of %i: %s', (status, expected) => {
    lost('billing', 'LOCK_LAPSED', 'k1');
    record.outcomeKnown({ keyHash: 'k1', status });
    const item = record.query(ALL)?.items[0];
    expect([item?.state, item?.settledAs, item?.note].filter((part) => part !== undefined).join(' ')).toBe(expected);
  });

  it('of another run of the key stays open, whatever a late answer says', () => {
    lost('billing', 'UPSTREAM_RESET', 'k1');
    record.outcomeKnown({ keyHash: 'k1', status: 201 });
    record.outcomeKnown({ keyHash: 'k2', status: 201 });
    expect(record.query(ALL)?.items.map(({ state }) => state)).toEqual(['open']);
  });

  it('is counted, once for one key; what is open is shown, and what went', () => {
    lost();
    lost('billing', 'LOCK_LAPSED', 'k1');
    lost('billing', 'LOCK_LAPSED', 'k1');
    lost('other');
    expect(meter.series('unknown_outcomes_total')).toEqual({
      'api=billing,operation=_unmatched,reason=UPSTREAM_TIMEOUT': 1,
      'api=billing,operation=_unmatched,reason=LOCK_LAPSED': 1,
      'api=other,operation=_unmatched,reason=UPSTREAM_TIMEOUT': 1,
    });
    expect(meter.series('unknown_outcomes_open')).toEqual({ 'api=billing': 2, 'api=other': 1 });
    record.settle('a1-0', { as: 'executed', note: '' });
    expect(meter.series('unknown_outcomes_open')).toEqual({ 'api=billing': 1, 'api=other': 1 });
    lost('other');
    lost('other');
    expect(meter.series('unknown_outcomes_open')).toEqual({ 'api=other': 3 });
    expect(meter.value('outcomes_dropped_total')).toBe(2);
  });

  it('needs no journal', () => {
    lost();
    record.close();
    expect(tasks).toEqual([]);
    expect(record.query(ALL)?.items).toHaveLength(1);
  });
});

describe('the journal', () => {
  it('gives what was before, which counts as open', () => {
    lost('billing');
    const other = new FakeJournal();
    record.keepIn(other);
    endOfTurn();
    journal.rows = other.writes.flatMap(({ put }) => put);
    meter = new RecordingMeter();
    const again = new OutcomeRecord({
      ledger: new OutcomeLedger({ limit: 3, instance: 'b2' }),
      clock,
      timers: clock,
      afterwork: { add: () => undefined },
      meter,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    again.keepIn(journal);
    expect(meter.value('unknown_outcomes_open', { api: 'billing' })).toBe(journal.rows.length);
    expect(meter.series('unknown_outcomes_total')).toEqual({});
  });

  it('is written once a turn, after it', () => {
    record.keepIn(journal);
    endOfTurn();
    journal.writes.length = 0;
    lost();
    lost();
    expect(journal.writes).toEqual([]);
    endOfTurn();
    expect(journal.writes).toMatchObject([{ put: [{ sequence: 0 }, { sequence: 1 }] }]);
    endOfTurn();
    expect(journal.writes).toHaveLength(1);
  });

  it('has what is shown, and what is acknowledged, before it is', () => {
    record.keepIn(journal);
    endOfTurn();
    journal.writes.length = 0;
    lost();
    record.query(ALL);
    expect(journal.writes).toMatchObject([{ put: [{ sequence: 0, item: { state: 'open' } }] }]);
    record.settle('a1-0', { as: 'executed', note: '' });
    expect(journal.writes.slice(1)).toMatchObject([{ put: [{ sequence: 0, item: { state: 'settled' } }] }]);
    record.query(ALL);
    endOfTurn();
    expect(journal.writes).toHaveLength(2);
  });

  it('that fails is said once, counted, and left alone for five seconds; then it is told everything', () => {
    record.keepIn(journal);
    endOfTurn();
    journal.broken = new Error('database or disk is full');
    journal.writes.length = 0;
    lost();
    endOfTurn();
    lost();
    endOfTurn();
    expect([journal.writes.length, said]).toEqual([1, ['the ledger of unknown outcomes cannot be written; it goes on in memory']]);
    expect(record.query(ALL)?.items).toHaveLength(2);
    clock.advance(5000);
    expect([journal.writes.length, said.length, meter.value('state_write_failures_total')]).toEqual([2, 1, 2]);
    journal.broken = undefined;
    clock.advance(5000);
    expect(journal.writes[2]).toMatchObject({ from: 'nothing', put: [{ sequence: 0 }, { sequence: 1 }] });
    expect(said.slice(1)).toEqual(['the ledger of unknown outcomes can be written again']);
    lost();
    endOfTurn();
    expect(journal.writes[3]).toMatchObject({ from: 'before', put: [{ sequence: 2 }] });
    expect(clock.pending).toBe(0);
  });

  it('has the rest when the process ends, and nothing after that', () => {
    record.keepIn(journal);
    endOfTurn();
    journal.writes.length = 0;
    lost();
    record.close();
    expect(journal.writes).toMatchObject([{ put: [{ sequence: 0 }] }]);
    lost();
    endOfTurn();
    expect(journal.writes).toHaveLength(1);
  });

  it('that fails is tried a last time at the end, and no timer is left', () => {
    record.keepIn(journal);
    journal.broken = new Error('database or disk is full');
    endOfTurn();
    lost();
    record.close();
    expect(journal.writes.at(-1)).toMatchObject({ from: 'nothing', put: [{ sequence: 0 }] });
    expect(clock.pending).toBe(0);
  });
});
