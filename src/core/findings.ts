import type { Location, Side } from './contract.ts';
import type { DriftKind } from './drift.ts';

/** How often something was seen, and by whom. Instants in milliseconds since 1970. */
export interface Seen {
  readonly count: number;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
}

/** What may be told of what was there. Lists are sorted, without repeats and bounded: of two the smallest members stay, so that merging is associative. */
export interface Evidence {
  readonly types: readonly string[];
  readonly formats: readonly string[];
  /** Where the operator lets them be shown. */
  readonly values: readonly string[];
}

/** What a person said of a finding last. */
export interface Acknowledgement {
  readonly at: number;
  readonly note: string;
  /** An earlier one was taken back: kept, so that no other replica brings that one back. */
  readonly withdrawn?: true;
}

/**
 * One finding, as it is kept and as replicas exchange it: JSON alone. What stands first never changes; the rest is merged: counts are added, the
 * first and the last instant win, lists are united, of two acknowledgements the later one stands.
 */
export interface FindingRow {
  /** 16 hexadecimal digits: SHA-256 of api, kind, side, specPointer and name, cut off. */
  readonly id: string;
  readonly kind: DriftKind;
  readonly direction: 'ingress' | 'egress';
  readonly api: string;
  /** In which it was seen first. */
  readonly operation: string;
  readonly side: Side;
  readonly location: Location;
  readonly pointer: string;
  readonly specPointer: string;
  readonly name: string;

  readonly seen: Seen;
  /** By consumer name; bounded, the rest is `_other`. */
  readonly consumers: Readonly<Record<string, Seen>>;
  /** All in which it was seen; bounded. */
  readonly operations: readonly string[];
  readonly evidence: Evidence;
  /** The contract under which it was seen last. */
  readonly contract: { readonly version: string; readonly digest: string };
  readonly acknowledged: Acknowledgement | undefined;
}

/** Where findings outlive the process (`state.dir`). Rows are whole. */
export interface FindingJournal {
  read(): readonly FindingRow[];
  /** All or nothing; what is written survives the end of the process, however it ends. Says why where it could not; never throws. */
  write(changes: { readonly put: readonly FindingRow[]; readonly gone: readonly string[] }): Error | undefined;
  /** The same for one of which a person has just said something: it has room where what was only seen has none. */
  writeSaid(row: FindingRow): Error | undefined;
}

/** What replicas have together, as far as it is new here. */
export interface FindingAnswer {
  /** How many of the rows that it was given are in it now, from the first on: the rest wants another call. */
  readonly taken: number;
  /** Merged rows, whole: those of what was taken, and others that changed since the answer before. Where one comes twice, the later one is newer. */
  readonly rows: readonly FindingRow[];
  /** More has changed than is given at once. */
  readonly more: boolean;
  /** It is not the one that answered before, or that one has forgotten everything: what is known here is to be offered to it. True of the first answer. */
  readonly anew: boolean;
  /** Of what was taken: findings for which it has no room. */
  readonly refused: number;
}

/** Where replicas share findings (`store: redis`), and where they outlive all of them. */
export interface FindingShare {
  /**
   * Adds what was seen here (`seen`, `consumers` are differences), exactly once. Where the answer is `unavailable` nobody knows whether it was added: the
   * next call must begin with the same rows in the same order, and they are not counted twice. One call at a time. Never rejects.
   */
  exchange(differences: readonly FindingRow[]): Promise<FindingAnswer | 'unavailable'>;
  /**
   * Gives it what was known before (rows are whole): of what it has already the greater counts stand, so that the same from several replicas, or
   * again, changes nothing. Never rejects.
   */
  offer(rows: readonly FindingRow[]): Promise<FindingAnswer | 'unavailable'>;
}
