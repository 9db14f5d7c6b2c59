import type { DatabaseSync } from 'node:sqlite';

/** Does all of it or nothing. Says why where it could not; never throws. */
export function inTransaction(db: DatabaseSync, change: () => void): Error | undefined {
  try {
    db.exec('BEGIN');
    change();
    db.exec('COMMIT');
    return undefined;
  } catch (error) {
    rollBack(db);
    return error as Error;
  }
}

/** Some faults (a full disk) have ended the transaction themselves (https://www.sqlite.org/lang_transaction.html). */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {
    // The write that failed has been told of; the next one begins with all that there is.
  }
}
