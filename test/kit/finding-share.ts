import type { FindingAnswer, FindingRow, FindingShare } from '../../src/core/findings.ts';
import { merge } from '../../src/core/merge-findings.ts';

/** What becomes of the next call: it never comes, or its answer gets lost. */
export type ShareFault = 'call_lost' | 'answer_lost';

export interface FakeShare extends FindingShare {
  fault: ShareFault | undefined;
  /** Every call fails. */
  isAway: boolean;
  readonly calls: number;
}

/** Where replicas of a test meet: what Redis does, in memory, with small pages. */
export class FakeShares {
  #epoch = 0;
  #version = 0;
  #rows = new Map<string, { row: FindingRow; version: number }>();
  /** Findings for which there is room. */
  limit = Number.POSITIVE_INFINITY;

  get rows(): readonly FindingRow[] {
    return [...this.#rows.values()].map(({ row }) => row);
  }

  forget(): void {
    this.#epoch += 1;
    this.#rows.clear();
  }

  replica({ atOnce = 3, page = 2 } = {}): FakeShare {
    let epoch = -1;
    let cursor = 0;
    let calls = 0;
    let applied: readonly FindingRow[] | undefined;
    let appliedIn = -1;
    const call = async (rows: readonly FindingRow[], how: 'add' | 'offer'): Promise<FindingAnswer | 'unavailable'> => {
      calls += 1;
      await Promise.resolve();
      const fault = fake.isAway ? 'call_lost' : fake.fault;
      fake.fault = undefined;
      if (fault === 'call_lost') return 'unavailable';
      const taken = applied ?? rows.slice(0, atOnce);
      if (how === 'add' && applied !== undefined && JSON.stringify(rows.slice(0, applied.length)) !== JSON.stringify(applied))
        throw new Error('what was not answered is not said again');
      if (how === 'offer' || applied === undefined || appliedIn !== this.#epoch) for (const row of taken) this.#take(row, how);
      if (fault === 'answer_lost') {
        if (how === 'add') [applied, appliedIn] = [taken, this.#epoch];
        return 'unavailable';
      }
      if (how === 'add') applied = undefined;
      const anew = epoch !== this.#epoch;
      epoch = this.#epoch;
      if (anew) cursor = 0;
      const own = taken.flatMap(({ id }) => this.#rows.get(id)?.row ?? []);
      const changed = [...this.#rows.values()].filter(({ version }) => version > cursor).sort((a, b) => a.version - b.version);
      cursor = changed.slice(0, page).at(-1)?.version ?? cursor;
      const others = changed.slice(0, page).map(({ row }) => row);
      return { taken: taken.length, rows: [...own, ...others], more: changed.length > page, anew, refused: taken.length - own.length };
    };
    const fake = {
      fault: undefined as ShareFault | undefined,
      isAway: false,
      get calls() {
        return calls;
      },
      exchange: (differences: readonly FindingRow[]) => call(differences, 'add'),
      offer: (rows: readonly FindingRow[]) => call(rows, 'offer'),
    };
    return fake;
  }

  #take(row: FindingRow, how: 'add' | 'offer'): void {
    const known = this.#rows.get(row.id)?.row;
    if (known === undefined && this.#rows.size >= this.limit) return;
    const merged = known === undefined ? row : merge(known, row);
    const count = how === 'offer' ? Math.max(known?.seen.count ?? 0, row.seen.count) : merged.seen.count;
    this.#version += 1;
    this.#rows.set(row.id, { row: { ...merged, seen: { ...merged.seen, count } }, version: this.#version });
  }
}
