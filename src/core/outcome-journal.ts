import type { OutcomeItem } from './views.ts';

/** An item of the ledger and its number: they count up over all runs that share a journal, and are never reused. */
export interface OutcomeRow {
  readonly sequence: number;
  readonly item: OutcomeItem;
}

export interface OutcomeChanges {
  /** `nothing`: `put` is all that there is; `before`: what was written before stays, but for `gone`. */
  readonly from: 'nothing' | 'before';
  /** New, or in place of the one of the same number. */
  readonly put: readonly OutcomeRow[];
  /** Numbers of those that are no more. */
  readonly gone: readonly number[];
}

/** Where the ledger of unknown outcomes outlives the process. */
export interface OutcomeJournal {
  /** What was written before, the oldest first. */
  read(): readonly OutcomeRow[];
  /** All or nothing; what is written survives the end of the process, however it ends. Says why where it could not; never throws. */
  write(changes: OutcomeChanges): Error | undefined;
}
