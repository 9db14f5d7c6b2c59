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

export interface Acknowledgement {
  readonly at: number;
  readonly note: string;
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
}

/** Where replicas share findings (`store: redis`), and where they outlive all of them. */
export interface FindingShare {
  /**
   * Adds what was seen here since the last exchange that was answered (`seen`, `consumers` are differences), exactly once however often it is
   * repeated, and gives back the merged rows that changed since `cursor` (0: all). Never rejects.
   */
  exchange(
    differences: readonly FindingRow[],
    cursor: number,
  ): Promise<{ readonly rows: readonly FindingRow[]; readonly cursor: number } | 'unavailable'>;
}
