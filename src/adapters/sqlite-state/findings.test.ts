import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findingRow } from '../../../test/kit/finding-rows.ts';
import type { FindingRow } from '../../core/findings.ts';
import { OUTCOME_TABLES } from './outcomes.ts';
import { type OpenState, openState } from './state.ts';

let dir: string;
let state: OpenState;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plumbline-findings-'));
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(): OpenState {
  state = openState(dir, Date.UTC(2026, 10, 22));
  return state;
}

function again(): OpenState {
  state.close();
  return open();
}

/** Changes the file while nobody has it open. */
function change(sql: string, ...values: readonly string[]): void {
  const db = new DatabaseSync(join(dir, 'plumbline.db'));
  if (values.length > 0) db.prepare(sql).run(...values);
  else db.exec(sql);
  db.close();
}

const plain = (rows: readonly FindingRow[]): unknown => JSON.parse(JSON.stringify(rows));

describe('drift findings in SQLite', () => {
  it('come back as they were written, the last time', () => {
    const seen = { count: 7, firstSeenAt: 1, lastSeenAt: 2 };
    const odd = findingRow(1, {
      name: "O'Neill \u0000 😀",
      consumers: { ['__proto__']: seen, Käufer: seen },
      acknowledged: { at: 5, note: 'known' },
    });
    const { findings } = open();
    expect(findings.read()).toEqual([]);
    expect(findings.write({ put: [findingRow(1), findingRow(2), findingRow(3)], gone: [] })).toBeUndefined();
    const withdrawn = findingRow(3, { acknowledged: { at: 9, note: '', withdrawn: true } });
    expect(findings.write({ put: [odd, withdrawn], gone: [findingRow(2).id, 'never there'] })).toBeUndefined();
    expect(plain(again().findings.read())).toEqual(plain([odd, withdrawn]));
    expect(state.outcomes.read()).toEqual([]);
  });

  it('take all of a change or nothing, say why, and go on', () => {
    const { findings } = open();
    findings.write({ put: [findingRow(1)], gone: [] });
    const wrong = { ...findingRow(3), id: 'too short' };
    expect(findings.write({ put: [findingRow(2), wrong], gone: [findingRow(1).id] })?.message).toMatch(/constraint/i);
    expect(plain(findings.read())).toEqual(plain([findingRow(1)]));
    expect(findings.write({ put: [findingRow(2)], gone: [] })).toBeUndefined();
    state.close();
    expect(findings.write({ put: [findingRow(4)], gone: [] })?.message).toMatch(/not open|finalized/);
    expect(open().findings.read()).toHaveLength(2);
  });

  it('that nobody can read are left out, and stay where they are', () => {
    open().findings.write({ put: [findingRow(1), findingRow(2)], gone: [] });
    state.close();
    change('UPDATE findings SET finding = ? WHERE id = ?', '{"kind":"of a later version"}', findingRow(1).id);
    expect(plain(open().findings.read())).toEqual(plain([findingRow(2)]));
    expect(state.setAside).toBeUndefined();
    state.close();
    const db = new DatabaseSync(join(dir, 'plumbline.db'));
    expect(db.prepare('SELECT count(*) AS rows FROM findings').get()).toEqual({ rows: 2 });
    db.close();
    open();
  });

  it('get their table in a file of before, and what it had stays', () => {
    change(`${OUTCOME_TABLES} PRAGMA application_id = 0x706c626c; PRAGMA user_version = 1;
      INSERT INTO outcomes VALUES (7, 'a1', '2026-11-21T20:15:07.000Z', 'billing', 'r', 'createPayment', 'POST', '/p', 'q', 'c', '', 'shop', '1',
        'UPSTREAM_TIMEOUT', 'http://x', 'all', 1, '', NULL, NULL, NULL);`);
    const opened = open();
    expect([opened.setAside, opened.outcomes.read().map(({ sequence }) => sequence), opened.findings.read()]).toEqual([undefined, [7], []]);
    opened.findings.write({ put: [findingRow(1)], gone: [] });
    expect(again().findings.read()).toHaveLength(1);
    expect(state.outcomes.read()).toHaveLength(1);
    expect(readdirSync(dir).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  it.each(['DROP TABLE findings', 'PRAGMA user_version = 0'])('a file after %s is damaged, and set aside', (sql) => {
    open().findings.write({ put: [findingRow(1)], gone: [] });
    state.close();
    change(sql);
    expect(open().setAside).toContain('damaged');
    expect(state.findings.read()).toEqual([]);
  });
});
