import type { FindingJournal } from '../../core/findings.ts';
import type { Timers } from '../../core/ports.ts';
import type { Findings } from './findings.ts';
import { OneByOne } from './one-by-one.ts';

/** Rows written at a time: some 3 ms of the event loop, then whatever else waits has its turn. */
const ROWS_AT_ONCE = 50;

/** Carries findings into the journal. */
export class JournalKeeping {
  readonly #findings: Findings;
  readonly #journal: FindingJournal;
  readonly #timers: Timers;
  readonly #writing = new OneByOne<Error | undefined>();

  /** Takes in what earlier runs have written; before traffic comes. */
  constructor(findings: Findings, journal: FindingJournal, timers: Timers) {
    this.#findings = findings;
    this.#journal = journal;
    this.#timers = timers;
    findings.restore(journal.read());
  }

  get isBusy(): boolean {
    return this.#writing.isBusy;
  }

  /** Writes all that has changed until now. Says why where it could not: then it is tried again with the next one. */
  write(): Promise<Error | undefined> {
    return this.#writing.run(() => this.#writeInTurns());
  }

  /** Whether this one is written by itself, of which somebody has just said something: what waits beside it may have no room. */
  writeSaid(id: string): boolean {
    const found = this.#findings.find(id);
    return found !== undefined && this.#journal.writeSaid(found.row) === undefined;
  }

  /** All that has changed, without letting anything else have its turn: at the end. */
  writeAtOnce(): Error | undefined {
    for (;;) {
      const written = this.#writeSome();
      if (written !== 'more') return written;
    }
  }

  /** What changes meanwhile waits for the next time: with busy traffic there would be no end. */
  async #writeInTurns(): Promise<Error | undefined> {
    for (let left = this.#findings.waiting.unwritten; ; left -= ROWS_AT_ONCE) {
      const written = this.#writeSome();
      if (written !== 'more') return written;
      if (left <= ROWS_AT_ONCE) return undefined;
      await new Promise<void>((resolve) => void this.#timers.after(0, resolve));
    }
  }

  #writeSome(): Error | 'more' | undefined {
    const changes = this.#findings.takeChanged(ROWS_AT_ONCE);
    const error = this.#journal.write(changes);
    if (error !== undefined) {
      this.#findings.giveBack(changes);
      return error;
    }
    return changes.put.length === ROWS_AT_ONCE || changes.gone.length === ROWS_AT_ONCE ? 'more' : undefined;
  }
}
