import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../test/kit/clock.ts';
import { AT_MS, findingRow } from '../../../test/kit/finding-rows.ts';
import { type FakeShare, FakeShares } from '../../../test/kit/finding-share.ts';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import type { FindingJournal, FindingRow } from '../../core/findings.ts';
import { Findings } from './findings.ts';
import { FindingKeeping } from './keeping.ts';

class FakeJournal implements FindingJournal {
  rows = new Map<string, FindingRow>();
  error: Error | undefined = undefined;
  /** `some`: for what is said of one finding. */
  room: 'none' | 'some' = 'none';
  sizes: number[] = [];

  read(): readonly FindingRow[] {
    return [...this.rows.values()];
  }

  write({ put, gone }: Parameters<FindingJournal['write']>[0]): Error | undefined {
    if (put.length + gone.length === 0 || this.error !== undefined) return this.error;
    this.sizes.push(put.length);
    for (const id of gone) this.rows.delete(id);
    for (const row of put) this.rows.set(row.id, row);
    return undefined;
  }

  writeSaid(row: FindingRow): Error | undefined {
    if (this.error !== undefined && this.room === 'none') return this.error;
    this.rows.set(row.id, row);
    return undefined;
  }
}

let clock: FakeClock;
let meter: RecordingMeter;
let log: string[];
let bugs: unknown[];
let unit: number;
let findings: Findings;
let journal: FakeJournal;
let share: FakeShare;
let keeping: FindingKeeping;
beforeEach(() => {
  clock = new FakeClock();
  meter = new RecordingMeter();
  log = [];
  bugs = [];
  unit = 0.5;
  findings = new Findings({ limit: 1000 });
  journal = new FakeJournal();
  share = new FakeShares().replica({ atOnce: 16 });
  const say = (level: string) => (fields: object, message: string) => void log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  keeping = new FindingKeeping({
    findings,
    clock,
    timers: clock,
    random: { unit: () => unit },
    meter,
    logger: { info: say('info'), warn: say('warn'), error: say('error') },
    bug: (error) => bugs.push(error),
  });
});

function see(number: number): void {
  const { kind, side, location, pointer, specPointer, name } = findingRow(number);
  const seen = {
    direction: 'ingress',
    api: 'billing',
    operation: 'o',
    contractVersion: '1',
    digest: 'd',
    consumer: 'shop',
    atMs: AT_MS,
  } as const;
  findings.observe(seen, { kind, side, location, pointer, specPointer: `${specPointer}${number % 10}`, name, types: [], formats: [] });
}

const written = (): Record<string, number> => Object.fromEntries([...journal.rows.values()].map(({ name, seen }) => [name, seen.count]));
const age = (where: string): number => {
  keeping.publish();
  return meter.value('findings_kept_age_seconds', { where });
};

describe('in state.dir', () => {
  it.each([0, 0.999])('what is seen is written within five seconds, and not all the time (chance %d)', async (chance) => {
    unit = chance;
    keeping.keepIn(journal);
    await keeping.start();
    see(1);
    await clock.advanceAsync(4500);
    expect(written()).toEqual({ field1: 1 });
    for (let i = 0; i < 100; i++) {
      see(1);
      await clock.advanceAsync(450);
    }
    expect(journal.sizes.length).toBeGreaterThan(9);
    expect(journal.sizes.length).toBeLessThan(15);
  });

  it('replicas that were started together do not write together', async () => {
    const delays: Array<number | undefined> = [];
    for (const chance of [0, 0.5, 0.999]) {
      unit = chance;
      clock = new FakeClock();
      const one = new FindingKeeping({
        findings,
        clock,
        timers: clock,
        random: { unit: () => unit },
        meter,
        logger: console,
        bug: () => undefined,
      });
      one.keepIn(journal);
      await one.start();
      delays.push(clock.nextInMs);
    }
    expect(delays).toEqual([3500, 4000, expect.closeTo(4499, 0)]);
  });

  it('what was written before is there, and is not written again', async () => {
    journal.rows.set(findingRow(1).id, findingRow(1, { acknowledged: { at: AT_MS, note: 'known' } }));
    keeping.keepIn(journal);
    await keeping.start();
    await clock.advanceAsync(10_000);
    expect(findings.find(findingRow(1).id)?.state).toBe('acknowledged');
    expect(journal.sizes).toEqual([]);
  });

  it('much is written in parts, and other work has its turn between them', async () => {
    keeping.keepIn(journal);
    for (let i = 0; i < 130; i++) see(i);
    const kept = keeping.keep();
    await settle();
    expect(journal.sizes).toEqual([50]);
    await clock.advanceAsync(20);
    expect([await kept, journal.sizes]).toEqual([undefined, [50, 50, 30]]);
  });

  it('an acknowledgement is there before it is told that it holds', async () => {
    keeping.keepIn(journal);
    see(1);
    const id = findings.takeDifferences()[0]?.id ?? '';
    findings.acknowledge(id, { at: AT_MS, note: 'known' });
    expect(await keeping.keep()).toBeUndefined();
    expect(journal.rows.get(id)?.acknowledged).toEqual({ at: AT_MS, note: 'known' });
  });

  it('a disk that is full: nothing is lost in memory, it is said once, and what waits is written when it is back', async () => {
    keeping.keepIn(journal);
    await keeping.start();
    journal.error = new Error('database or disk is full');
    see(1);
    await clock.advanceAsync(12_000);
    expect(log).toEqual([
      'warn the drift findings cannot be written into state.dir; they go on in memory {"reason":"database or disk is full"}',
    ]);
    expect([meter.value('findings_keep_failures_total', { where: 'state_dir' }), age('state_dir')]).toEqual([3, 12]);
    expect(await keeping.keep()).toBe('state.dir cannot be written: database or disk is full');
    journal.error = undefined;
    await clock.advanceAsync(4000);
    expect([written(), log.length, log[1], age('state_dir')]).toEqual([{ field1: 1 }, 2, 'info the drift findings are kept again {}', 0]);
  });

  it('an acknowledgement is kept where there is no room for what was seen beside it', async () => {
    keeping.keepIn(journal);
    see(1);
    see(2);
    const [one, two] = findings.takeDifferences().map((row) => row.id);
    Object.assign(journal, { error: new Error('database or disk is full'), room: 'some' });
    findings.acknowledge(two ?? '', { at: AT_MS, note: 'known' });
    expect(await keeping.keep(two)).toBeUndefined();
    expect([...journal.rows.keys()]).toEqual([two]);
    expect(journal.rows.get(two ?? '')?.acknowledged).toEqual({ at: AT_MS, note: 'known' });
    // The rest waits, and no finding that is not there was kept.
    expect(await keeping.keep('nobody')).toBe('state.dir cannot be written: database or disk is full');
    journal.error = undefined;
    await keeping.keep();
    expect(journal.rows.has(one ?? '')).toBe(true);
  });

  it('the end writes all that there is at once, and nothing after that', async () => {
    keeping.keepIn(journal);
    await keeping.start();
    for (let i = 0; i < 120; i++) see(i);
    const closed = keeping.close();
    expect(journal.rows.size).toBe(120);
    await closed;
    expect(clock.pending).toBe(0);
  });
});

describe('with a share', () => {
  it('what is seen is told within five seconds, and a start waits for what the others know', async () => {
    const other = new FakeShares();
    const [a, b] = [other.replica(), other.replica()];
    await a.exchange([findingRow(1)]);
    share = b;
    keeping.shareThrough(b);
    await keeping.start();
    expect(findings.find(findingRow(1).id)?.row.seen.count).toBe(1);
    see(2);
    await clock.advanceAsync(4500);
    expect(other.rows.map(({ name }) => name)).toEqual(['field1', 'field2']);
    expect(age('store')).toBeLessThan(1);
  });

  it('a start waits a second for one that does not answer, and an end too', async () => {
    keeping.shareThrough({ exchange: () => new Promise(() => undefined), offer: () => new Promise(() => undefined) });
    let started = false;
    void keeping.start().then(() => (started = true));
    await clock.advanceAsync(999);
    expect(started).toBe(false);
    await clock.advanceAsync(1);
    expect(started).toBe(true);
    await clock.advanceAsync(20_000);
    let closed = false;
    void keeping.close().then(() => (closed = true));
    await clock.advanceAsync(1000);
    expect([closed, clock.pending]).toEqual([true, 0]);
  });

  it('one that is away: an acknowledgement is told not to be kept; it is kept when that is back', async () => {
    keeping.shareThrough(share);
    share.isAway = true;
    see(1);
    expect(await keeping.keep()).toBe('the shared store is away');
    expect(log).toEqual([
      'warn the drift findings cannot be exchanged with the other replicas; each goes on with its own {"reason":"unavailable"}',
    ]);
    share.isAway = false;
    expect(await keeping.keep()).toBeUndefined();
    expect(log[1]).toBe('info the drift findings are kept again {}');
    expect(meter.value('findings_keep_failures_total', { where: 'store' })).toBe(1);
  });

  it('one that answers nothing: whoever acknowledges is told so after two seconds', async () => {
    keeping.shareThrough({ exchange: () => new Promise(() => undefined), offer: () => new Promise(() => undefined) });
    const kept = keeping.keep();
    await clock.advanceAsync(2000);
    expect(await kept).toBe('the shared store is away');
  });

  it('and with state.dir: either of them keeps an acknowledgement', async () => {
    keeping.keepIn(journal);
    keeping.shareThrough(share);
    see(1);
    share.isAway = true;
    expect(await keeping.keep()).toBeUndefined();
    share.isAway = false;
    journal.error = new Error('full');
    see(2);
    expect(await keeping.keep()).toBeUndefined();
    share.isAway = true;
    expect(await keeping.keep()).toBe('state.dir cannot be written: full');
  });

  it('one that breaks its word is a bug, and no more', async () => {
    keeping.shareThrough({ exchange: () => Promise.reject(new Error('a bug')), offer: () => Promise.reject(new Error('a bug')) });
    await keeping.start();
    await clock.advanceAsync(4500);
    expect([bugs.length, await keeping.keep()]).toEqual([2, 'the shared store is away']);
  });
});

it('where nothing is to be kept beyond the process, nothing is waited for, and nothing runs', async () => {
  await keeping.start();
  expect([await keeping.keep(), clock.pending]).toEqual([undefined, 0]);
  await keeping.close();
});
