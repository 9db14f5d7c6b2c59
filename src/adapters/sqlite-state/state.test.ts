import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutcomeRow } from '../../core/outcome-journal.ts';
import type { OutcomeItem } from '../../core/views.ts';
import { type OpenState, openState } from './state.ts';
import { StateError } from './state-error.ts';

let dir: string;
let opened: OpenState[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-state-'));
  opened = [];
});
afterEach(() => {
  for (const state of opened) state.close();
  rmSync(dir, { recursive: true, force: true });
});

const WALL_MS = Date.UTC(2026, 10, 21, 20, 15, 7);
const FILE = 'plumbline.db';

/** Closed at the end of the test, unless it closed it itself. */
function open(where = dir): OpenState {
  const state = openState(where, WALL_MS);
  let isOpen = true;
  const once = {
    ...state,
    close: () => {
      if (isOpen) state.close();
      isOpen = false;
    },
  };
  opened.push(once);
  return once;
}

const row = (sequence: number, more: Partial<OutcomeItem> = {}): OutcomeRow => ({
  sequence,
  item: {
    id: `a1-${sequence}`,
    at: '2026-11-21T20:15:07.000Z',
    api: 'billing',
    route: 'billing-route',
    operation: 'createPayment',
    method: 'POST',
    path: "/v1/payments/O'Neill",
    requestId: 'req-1',
    correlationId: 'cor-1',
    traceId: '',
    consumer: { name: 'Käufer', version: '1.0' },
    reason: 'UPSTREAM_TIMEOUT',
    upstream: 'http://127.0.0.1:3000',
    sent: 'all',
    attempts: 1,
    keyHash: '',
    state: 'open',
    ...more,
  },
});

const SETTLED = { state: 'settled', settledAs: 'not_executed', settledAt: '2026-11-21T20:16:00.000Z', note: '' } as const;

describe('the ledger in SQLite', () => {
  it('comes back as it was written, the oldest first', () => {
    const state = open();
    expect(state.outcomes.read()).toEqual([]);
    expect(state.outcomes.write({ from: 'before', put: [row(7), row(3), row(12, SETTLED)], gone: [] })).toBeUndefined();
    expect(state.outcomes.write({ from: 'before', put: [row(3, SETTLED)], gone: [7, 99] })).toBeUndefined();
    state.close();
    expect(open().outcomes.read()).toEqual([row(3, SETTLED), row(12, SETTLED)]);
  });

  it('is written anew where it is told everything', () => {
    const { outcomes } = open();
    outcomes.write({ from: 'before', put: [row(1), row(2)], gone: [] });
    outcomes.write({ from: 'nothing', put: [row(2), row(3)], gone: [] });
    expect(outcomes.read().map(({ sequence }) => sequence)).toEqual([2, 3]);
  });

  it('takes all of a change or nothing, says why, and goes on', () => {
    const { outcomes } = open();
    outcomes.write({ from: 'before', put: [row(1)], gone: [] });
    const error = outcomes.write({ from: 'nothing', put: [row(2), row(3, { sent: 'perhaps' as 'all' })], gone: [] });
    expect(error?.message).toMatch(/constraint/i);
    expect(outcomes.read()).toEqual([row(1)]);
    expect(outcomes.write({ from: 'before', put: [row(4)], gone: [1] })).toBeUndefined();
    expect(outcomes.read()).toEqual([row(4)]);
  });

  it('that has been closed says so, and throws nothing', () => {
    const state = open();
    state.close();
    expect(state.outcomes.write({ from: 'before', put: [row(1)], gone: [] })?.message).toMatch(/not open|finalized/);
  });
});

describe('the state file', () => {
  it('is for its owner alone, and so is what stands beside it', () => {
    const { outcomes } = open();
    outcomes.write({ from: 'before', put: [row(1)], gone: [] });
    const modes = readdirSync(dir).map((name) => [name, (statSync(join(dir, name)).mode & 0o777).toString(8)]);
    expect(Object.fromEntries(modes)).toEqual({ [FILE]: '600', [`${FILE}-wal`]: '600' });
  });

  it('is all that is left when it is closed', () => {
    open().close();
    expect(readdirSync(dir)).toEqual([FILE]);
  });

  it('belongs to one process at a time, and is free when that has let go of it', () => {
    const first = open();
    expect(() => open()).toThrow(
      new StateError(`cannot keep state in ${JSON.stringify(dir)}: another process uses it; every gateway needs a state.dir of its own`),
    );
    first.close();
    open();
  });

  it.each([
    ['not there', 'no/such', /no\/such": the directory does not exist \(ENOENT\)/],
    ['a file', 'file', /\/file": it is not a directory \(ENOTDIR\)/],
    ['one in which a directory stands in the way', 'taken', /plumbline\.db": it is a directory \(EISDIR\)/],
    ['no path at all', 'a\0b', /cannot keep state in .*a\\u0000b"/],
  ])('a directory that is %s is named', (_, name, message) => {
    writeFileSync(join(dir, 'file'), '');
    mkdirSync(join(dir, 'taken', FILE), { recursive: true });
    expect(() => open(join(dir, name))).toThrow(message);
    expect(() => open(join(dir, name))).toThrow(StateError);
  });

  it.skipIf(process.getuid?.() === 0)('a directory that may not be written to is named', () => {
    chmodSync(dir, 0o500);
    expect(() => open()).toThrow(/permission denied \(EACCES\)/);
    chmodSync(dir, 0o700);
  });

  it.each([
    ['no database', () => writeFileSync(join(dir, FILE), 'this is no database at all. '.repeat(500))],
    ['cut short', () => truncateSync(join(dir, FILE), 4096 + 100)],
    ['overwritten in the middle', () => writeFileSync(join(dir, FILE), overwritten(readFileSync(join(dir, FILE))))],
    [
      'without its table',
      () => {
        const db = new DatabaseSync(join(dir, FILE));
        db.exec('DROP TABLE outcomes');
        db.close();
      },
    ],
  ])('that is %s is set aside, and a new one begun', (_, damage) => {
    const before = open();
    before.outcomes.write({ from: 'before', put: Array.from({ length: 200 }, (__, i) => row(i)), gone: [] });
    before.close();
    damage();
    const state = open();
    expect(state.setAside).toBe(join(dir, `${FILE}.damaged-20261121T201507Z`));
    expect(existsSync(state.setAside ?? '')).toBe(true);
    expect(state.outcomes.read()).toEqual([]);
    expect(state.outcomes.write({ from: 'before', put: [row(1)], gone: [] })).toBeUndefined();
    state.close();
    const again = open();
    expect([again.setAside, again.outcomes.read()]).toEqual([undefined, [row(1)]]);
  });

  /** What is on the disk while a process has written these and not closed it. */
  function killedAfter(put: readonly OutcomeRow[]): string {
    open().outcomes.write({ from: 'before', put, gone: [] });
    const left = join(dir, 'left');
    mkdirSync(left);
    for (const name of [FILE, `${FILE}-wal`]) copyFileSync(join(dir, name), join(left, name));
    return left;
  }

  it('that is damaged and has a log of a process that was killed: nothing of either comes into the new one', () => {
    const before = open();
    before.outcomes.write({ from: 'before', put: Array.from({ length: 200 }, (_, i) => row(i)), gone: [] });
    before.close();
    const left = killedAfter([row(500)]);
    writeFileSync(join(left, FILE), overwritten(readFileSync(join(left, FILE))));
    const state = open(left);
    expect(state.setAside).toBe(join(left, `${FILE}.damaged-20261121T201507Z`));
    expect(state.outcomes.read()).toEqual([]);
  });

  it('that was left by a process that was killed has all that was written', () => {
    const left = killedAfter([row(1)]);
    expect(open(left).outcomes.read()).toEqual([row(1)]);
  });

  it('of a newer version, or of somebody else, is left alone', () => {
    open().close();
    const change = (sql: string): void => {
      const db = new DatabaseSync(join(dir, FILE));
      db.exec(sql);
      db.close();
    };
    change('PRAGMA user_version = 3');
    expect(() => open()).toThrow(/was written by a newer Plumbline \(format 3; this one knows 2\)/);
    change('PRAGMA user_version = 2; PRAGMA application_id = 5');
    expect(() => open()).toThrow(/is a database, but not one of Plumbline's/);
    expect(readdirSync(dir)).toEqual([FILE]);
  });

  it('that is empty is begun', () => {
    writeFileSync(join(dir, FILE), '');
    expect(open().outcomes.read()).toEqual([]);
  });
});

/** As a disk that has lost a few blocks. */
function overwritten(bytes: Buffer): Buffer {
  return bytes.fill(0xa5, 4096 + 8, bytes.length - 8);
}
