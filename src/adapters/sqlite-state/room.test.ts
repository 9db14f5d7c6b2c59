import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findingRow } from '../../../test/kit/finding-rows.ts';
import type { OutcomeRow } from '../../core/outcome-journal.ts';
import type { OutcomeItem } from '../../core/views.ts';
import { STATE_BYTES, roomIn } from './room.ts';
import { type OpenState, openState } from './state.ts';

let dir: string;
let state: OpenState;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-room-'));
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

const MIB = 1024 ** 2;
const open = (): OpenState => {
  state = openState(dir, Date.UTC(2026, 10, 22, 1));
  return state;
};
const used = (): number => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
const long = 'x'.repeat(1024);

/** As large as the ledger lets one be, in text that takes a byte a character. */
const outcome = (sequence: number): OutcomeRow => {
  const texts = ['api', 'route', 'operation', 'path', 'requestId', 'correlationId', 'traceId', 'upstream'] as const;
  const item = { id: `a1-${sequence}`, at: '2026-11-21T20:15:07.000Z', method: 'POST', consumer: { name: long, version: long } };
  const rest = { reason: 'UPSTREAM_TIMEOUT', sent: 'all', attempts: 1, keyHash: '', state: 'open' };
  return { sequence, item: { ...item, ...rest, ...Object.fromEntries(texts.map((name) => [name, long])) } as unknown as OutcomeItem };
};

it('takes less than the volume of a pod, whatever is to be kept; findings leave room for unknown outcomes', () => {
  const { findings, outcomes } = open();
  let largest = 0;
  const seen = (failed: Error | undefined): string | undefined => {
    largest = Math.max(largest, used());
    return failed?.message;
  };
  let full: string | undefined;
  for (let part = 0; part < 200 && full === undefined; part += 1) {
    const put = Array.from({ length: 50 }, (_, i) => findingRow(part * 50 + i, { name: long.repeat(12) }));
    full = seen(findings.write({ put, gone: [] }));
  }
  expect(full).toMatch(/full/);
  // To the last page: what is smaller than a part would still have had room.
  for (let last = 500_000; findings.write({ put: [findingRow(last, { name: long })], gone: [] }) === undefined; ) last += 1;
  // What a person says has room all the same, of a finding that is in it and of one that is not.
  const acknowledged = { at: Date.UTC(2026, 10, 22), note: long };
  for (const number of [1, 1_000_000]) {
    const row = findingRow(number, { name: long.repeat(13), acknowledged });
    expect(findings.write({ put: [row], gone: [] })?.message).toMatch(/full/);
    expect(seen(findings.writeSaid(row))).toBeUndefined();
    expect(findings.read().find(({ id }) => id === row.id)?.acknowledged).toEqual(acknowledged);
  }
  const rows = Array.from({ length: 400 }, (_, i) => outcome(i));
  expect(seen(outcomes.write({ from: 'before', put: rows, gone: [] }))).toBeUndefined();
  // All of them at once, as after a disk that was full.
  expect(seen(outcomes.write({ from: 'nothing', put: rows, gone: [] }))).toBeUndefined();
  const many = Array.from({ length: 10_000 }, (_, i) => outcome(i));
  expect(seen(outcomes.write({ from: 'nothing', put: many, gone: [] }))).toMatch(/full/);
  expect(outcomes.read()).toHaveLength(400);
  expect(largest).toBeGreaterThan(20 * MIB);
  expect(largest).toBeLessThan(STATE_BYTES);
});

it('counts what was set aside, and keeps one such file', () => {
  open().findings.write({ put: [findingRow(1)], gone: [] });
  state.close();
  const file = join(dir, 'plumbline.db');
  writeFileSync(`${file}.damaged-20250101T000000Z`, '');
  writeFileSync(file, 'x'.repeat(20 * MIB));
  expect(open().setAside).toBeDefined();
  expect(readdirSync(dir).filter((name) => name.includes('damaged'))).toEqual(['plumbline.db.damaged-20261122T010000Z']);
  expect(roomIn(dir, 'plumbline.db').file * 2 + 20 * MIB).toBeLessThan(STATE_BYTES);
});
