import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { OutcomeChanges, OutcomeJournal, OutcomeRow } from '../../core/outcome-journal.ts';
import type { OutcomeItem } from '../../core/views.ts';
import { StateError } from './state-error.ts';
import { inTransaction } from './transaction.ts';

/** Strict, and with every value checked: what is read from it needs no second look. */
export const OUTCOME_TABLES = `
CREATE TABLE outcomes (
  sequence INTEGER PRIMARY KEY CHECK (sequence >= 0),
  instance TEXT NOT NULL,
  at TEXT NOT NULL,
  api TEXT NOT NULL,
  route TEXT NOT NULL,
  operation TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  request_id TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  consumer TEXT NOT NULL,
  consumer_version TEXT NOT NULL,
  reason TEXT NOT NULL,
  upstream TEXT NOT NULL,
  sent TEXT NOT NULL CHECK (sent IN ('part', 'all', 'unknown')),
  attempts INTEGER NOT NULL,
  key_hash TEXT NOT NULL,
  settled_as TEXT CHECK (settled_as IN ('executed', 'not_executed')),
  settled_at TEXT CHECK ((settled_at IS NULL) = (settled_as IS NULL)),
  note TEXT CHECK ((note IS NULL) = (settled_as IS NULL))
) STRICT;
`;

const COLUMNS = 21;

type Row = Record<string, SQLOutputValue>;

/** The ledger of unknown outcomes in SQLite. */
export class SqliteOutcomes implements OutcomeJournal {
  readonly #db: DatabaseSync;
  readonly #maxBytes: number;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  /** `maxBytes`: how large the file may become. */
  constructor(db: DatabaseSync, maxBytes: number) {
    this.#db = db;
    this.#maxBytes = maxBytes;
    this.#put = db.prepare(`INSERT OR REPLACE INTO outcomes VALUES (${Array.from({ length: COLUMNS }, () => '?').join(', ')})`);
    this.#delete = db.prepare('DELETE FROM outcomes WHERE sequence = ?');
  }

  /** @throws StateError where the file cannot be read. */
  read(): OutcomeRow[] {
    try {
      return this.#db.prepare('SELECT * FROM outcomes ORDER BY sequence').all().map(toRow);
    } catch (error) {
      throw new StateError(`the ledger of unknown outcomes cannot be read: ${(error as Error).message}`);
    }
  }

  write({ from, put, gone }: OutcomeChanges): Error | undefined {
    if (from === 'before' && put.length === 0 && gone.length === 0) return undefined;
    return inTransaction(this.#db, this.#maxBytes, () => {
      if (from === 'nothing') this.#db.exec('DELETE FROM outcomes');
      for (const sequence of gone) this.#delete.run(sequence);
      for (const row of put) this.#put.run(...toColumns(row));
    });
  }
}

function toColumns({ sequence, item }: OutcomeRow): (string | number | null)[] {
  const instance = item.id.slice(0, item.id.lastIndexOf('-'));
  const { name, version } = item.consumer;
  const { at, api, route, operation, method, path, requestId, correlationId, traceId, reason, upstream, sent, attempts, keyHash } = item;
  const settled = [item.settledAs ?? null, item.settledAt ?? null, item.note ?? null];
  const found = [
    at,
    api,
    route,
    operation,
    method,
    path,
    requestId,
    correlationId,
    traceId,
    name,
    version,
    reason,
    upstream,
    sent,
    attempts,
  ];
  return [sequence, instance, ...found, keyHash, ...settled];
}

function toRow(row: Row): OutcomeRow {
  const text = (column: string): string => row[column] as string;
  const sequence = row['sequence'] as number;
  const settledAs = row['settled_as'] as OutcomeItem['settledAs'] | null;
  const item: OutcomeItem = {
    id: `${text('instance')}-${sequence}`,
    at: text('at'),
    api: text('api'),
    route: text('route'),
    operation: text('operation'),
    method: text('method'),
    path: text('path'),
    requestId: text('request_id'),
    correlationId: text('correlation_id'),
    traceId: text('trace_id'),
    consumer: { name: text('consumer'), version: text('consumer_version') },
    reason: text('reason'),
    upstream: text('upstream'),
    sent: text('sent') as OutcomeItem['sent'],
    attempts: row['attempts'] as number,
    keyHash: text('key_hash'),
    ...(settledAs == null ? { state: 'open' } : { state: 'settled', settledAs, settledAt: text('settled_at'), note: text('note') }),
  };
  return { sequence, item };
}
