import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FindingJournal } from '../../core/findings.ts';
import type { OutcomeJournal } from '../../core/outcome-journal.ts';
import { FINDING_TABLES, SqliteFindings } from './findings.ts';
import { OUTCOME_TABLES, SqliteOutcomes } from './outcomes.ts';
import { type Room, roomIn, setAside as filesAside } from './room.ts';
import { StateError, damage, sqliteFault, unusable } from './state-error.ts';

export interface OpenState {
  readonly outcomes: OutcomeJournal;
  readonly findings: FindingJournal;
  /** Where the file of before was put, because it could not be read; undefined: it could, or there was none. */
  readonly setAside: string | undefined;
  close(): void;
}

const FILE = 'plumbline.db';
/** `application_id` of the file: "plbl". What has another one is somebody else's. */
const APPLICATION = 0x706c626c;
/** What each format added, the first one first; `user_version` is how many a file has. A file of before is given what it lacks when it is opened. */
const FORMATS = [OUTCOME_TABLES, FINDING_TABLES] as const;
/** How long a start waits for another process to let go of the file. */
const LOCK_MS = 1000;

/**
 * Opens what must survive the process: one SQLite file in `dir`, which must be there. One process at a time: the file stays locked until `close`, or
 * until the process ends, however it ends. A file that is damaged is set aside and a new one begun. `wallMs`: milliseconds since 1970.
 * @throws StateError where the directory cannot be used, belongs to another process, or has a file that is not ours or of a newer version.
 */
export function openState(dir: string, wallMs: number): OpenState {
  const file = join(dir, FILE);
  prepare(dir, file);
  let setAside: string | undefined;
  let opened: Opened;
  try {
    opened = open(dir, file);
  } catch (error) {
    if (sqliteFault(error) !== 'damaged') throw asStateError(dir, error);
    setAside = moveAside(dir, file, wallMs);
    prepare(dir, file);
    opened = reopen(dir, file);
  }
  const { db, outcomes, findings } = opened;
  return { outcomes, findings, setAside, close: () => db.close() };
}

/** The file is made by us, because SQLite would let everybody on the machine read it; its journal takes over its mode. */
function prepare(dir: string, file: string): void {
  try {
    if (!statSync(dir).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  } catch (error) {
    throw unusable(dir, error);
  }
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw unusable((error as NodeJS.ErrnoException).code === 'EISDIR' ? file : dir, error);
  }
}

function reopen(dir: string, file: string): Opened {
  try {
    return open(dir, file);
  } catch (error) {
    throw asStateError(dir, error);
  }
}

interface Opened {
  readonly db: DatabaseSync;
  readonly outcomes: SqliteOutcomes;
  readonly findings: SqliteFindings;
}

function open(dir: string, file: string): Opened {
  const db = new DatabaseSync(file, { timeout: LOCK_MS });
  try {
    // Locked for as long as it is open; and then the write-ahead log needs no shared memory, which not every volume has.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;');
    // A commit is a write and no wait for the disk: it survives the process, and only a crash of the whole machine may take the last ones along.
    db.exec('PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 1048576;');
    takeOver(dir, db);
    return { db, ...tables(db, roomIn(dir, FILE)) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function takeOver(dir: string, db: DatabaseSync): void {
  const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (pragma('quick_check(1)') !== 'ok') throw damage('the check found damage');
  const [application, version] = [pragma('application_id'), pragma('user_version')];
  const empty = pragma('schema_version') === 0;
  if (!empty && application !== APPLICATION) throw new StateError(`${join(dir, FILE)} is a database, but not one of Plumbline's`);
  const had = empty ? 0 : (version as number);
  if (had > FORMATS.length)
    throw new StateError(`${join(dir, FILE)} was written by a newer Plumbline (format ${had}; this one knows ${FORMATS.length})`);
  if (!empty && had < 1) throw damage('it has no format');
  const lacking = FORMATS.slice(had);
  const change = `${lacking.join('')} PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${FORMATS.length};`;
  // It takes the lock now, not with the first write.
  db.exec(`BEGIN IMMEDIATE; ${lacking.length === 0 ? '' : change} COMMIT;`);
}

/** The tables of our own format, or else somebody has changed them. */
function tables(db: DatabaseSync, room: Room): Pick<Opened, 'outcomes' | 'findings'> {
  try {
    return { outcomes: new SqliteOutcomes(db, room.file), findings: new SqliteFindings(db, room) };
  } catch (error) {
    throw damage((error as Error).message);
  }
}

function moveAside(dir: string, file: string, wallMs: number): string {
  const to = `${file}.damaged-${new Date(wallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  try {
    // One is kept: what is damaged again and again must not fill the disk.
    for (const other of filesAside(dir, FILE)) rmSync(join(dir, other), { force: true });
    renameSync(file, to);
    // A log that belongs to the damaged file must not be taken for one of the new file's.
    for (const ending of ['-wal', '-shm']) if (existsSync(file + ending)) renameSync(file + ending, to + ending);
  } catch (error) {
    throw unusable(dir, error);
  }
  return to;
}

function asStateError(dir: string, error: unknown): unknown {
  const fault = sqliteFault(error);
  if (fault === undefined) return error;
  const { message } = error as Error;
  if (fault !== 'in-use') return new StateError(`cannot keep state in ${JSON.stringify(dir)}: ${message}`);
  return new StateError(`cannot keep state in ${JSON.stringify(dir)}: another process uses it; every gateway needs a state.dir of its own`);
}
