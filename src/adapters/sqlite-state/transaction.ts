import type { DatabaseSync } from 'node:sqlite';

/**
 * Does all of it or nothing, in a file of at most `bytes`, or as large as it is already. Says why where it could not (`database or disk is full`, too); never
 * throws.
 */
export function inTransaction(db: DatabaseSync, bytes: number, change: () => void): Error | undefined {
  try {
    db.exec(`PRAGMA max_page_count = ${Math.floor(bytes / PAGE_BYTES)}; BEGIN`);
    change();
    db.exec('COMMIT');
    return undefined;
  } catch (error) {
    rollBack(db);
    return error as Error;
  }
}

/** SQLite's own, which a file keeps. */
const PAGE_BYTES = 4096;

/** Some faults (a full disk) have ended the transaction themselves (https://www.sqlite.org/lang_transaction.html). */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {
    // The write that failed has been told of; the next one begins with all that there is.
  }
}
