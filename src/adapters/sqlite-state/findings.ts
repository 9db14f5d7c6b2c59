import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { readFindingRow } from '../../core/finding-row.ts';
import type { FindingJournal, FindingRow } from '../../core/findings.ts';
import type { Room } from './room.ts';
import { StateError } from './state-error.ts';
import { inTransaction } from './transaction.ts';

/** A row is one text: it is only ever read whole, and what is read is looked at as what comes from anywhere else. */
export const FINDING_TABLES = `
CREATE TABLE findings (
  id TEXT PRIMARY KEY CHECK (length(id) = 16),
  finding TEXT NOT NULL
) STRICT;
`;

/** Drift findings in SQLite. */
export class SqliteFindings implements FindingJournal {
  readonly #db: DatabaseSync;
  readonly #room: Room;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #all: StatementSync;

  constructor(db: DatabaseSync, room: Room) {
    this.#db = db;
    this.#room = room;
    // In its place: replacing would move it to the end, and change three times as many pages.
    this.#put = db.prepare('INSERT INTO findings VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET finding = excluded.finding');
    this.#delete = db.prepare('DELETE FROM findings WHERE id = ?');
    this.#all = db.prepare('SELECT finding FROM findings ORDER BY id');
  }

  /**
   * Without those that cannot be understood; they stay where they are, as they may be of another version.
   * @throws StateError where the file cannot be read.
   */
  read(): FindingRow[] {
    const rows: FindingRow[] = [];
    try {
      for (const { finding } of this.#all.iterate()) {
        const row = readFindingRow(finding as string);
        if (row !== undefined) rows.push(row);
      }
    } catch (error) {
      throw new StateError(`the drift findings cannot be read: ${(error as Error).message}`);
    }
    return rows;
  }

  write({ put, gone }: Parameters<FindingJournal['write']>[0]): Error | undefined {
    if (put.length === 0 && gone.length === 0) return undefined;
    return inTransaction(this.#db, this.#room.findings, () => {
      for (const id of gone) this.#delete.run(id);
      for (const row of put) this.#put.run(row.id, JSON.stringify(row));
    });
  }

  writeSaid(row: FindingRow): Error | undefined {
    return inTransaction(this.#db, this.#room.file, () => void this.#put.run(row.id, JSON.stringify(row)));
  }
}
