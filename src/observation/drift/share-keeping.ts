import type { FindingAnswer, FindingRow, FindingShare } from '../../core/findings.ts';
import { laterOf } from '../../core/merge-findings.ts';
import type { Findings } from './findings.ts';
import { OneByOne } from './one-by-one.ts';

/** Findings whose differences are taken at a time: what a call takes at once. */
const ROWS_AT_ONCE = 16;

/**
 * Carries what is seen here to the other replicas, and what they have seen into the findings. Differences are taken in small parts, and the next part
 * when all of the one before has been answered: what is taken and lost on its way must be said again word for word.
 */
export class ShareKeeping {
  readonly #findings: Findings;
  readonly #share: FindingShare;
  /** Taken, and not answered. */
  #pending: readonly FindingRow[] = [];
  /** Known here before, and maybe not there. */
  readonly #offers = new Set<string>();
  /** There was no room for them: where that may have changed, all that is known of them is offered. */
  #refused = new Set<string>();
  /** What the share has was heard once: before that nothing is told, as it may know less than this process. */
  #isMet = false;
  readonly #exchanging = new OneByOne<'kept' | 'unavailable'>();
  #isClosed = false;

  constructor(findings: Findings, share: FindingShare) {
    this.#findings = findings;
    this.#share = share;
  }

  get isBusy(): boolean {
    return this.#exchanging.isBusy;
  }

  /** Tells all that was seen here until now, and hears all that changed. `unavailable`: some of it is still to be told, the next time. */
  exchange(): Promise<'kept' | 'unavailable'> {
    return this.#exchanging.run(() => this.#exchangeAll());
  }

  /** It was told of this one, and had no room for it. */
  hasRefused(id: string): boolean {
    return this.#refused.has(id);
  }

  /** Nothing is told or heard any more. */
  close(): void {
    this.#isClosed = true;
  }

  async #exchangeAll(): Promise<'kept' | 'unavailable'> {
    // What is seen meanwhile waits for the next time: with busy traffic there would be no end.
    let left = this.#findings.waiting.untold;
    for (;;) {
      const isOffer = this.#isMet && this.#pending.length === 0 && this.#offers.size > 0;
      let isLast = false;
      if (this.#isMet && !isOffer && this.#pending.length === 0) {
        this.#pending = this.#someDifferences(Math.max(0, Math.min(ROWS_AT_ONCE, left)));
        left -= ROWS_AT_ONCE;
        isLast = left <= 0;
      }
      const offered = isOffer ? this.#someOffers() : [];
      const answer = this.#isClosed ? 'unavailable' : await (isOffer ? this.#share.offer(offered) : this.#share.exchange(this.#pending));
      if (answer === 'unavailable') return answer;
      const taken = (isOffer ? offered : this.#pending).slice(0, answer.taken);
      if (isOffer) for (const { id } of taken) this.#offers.delete(id);
      else this.#pending = this.#pending.slice(answer.taken);
      this.#hear(answer, taken);
      const isHeard = !answer.more && this.#pending.length === 0 && this.#offers.size === 0;
      if (isLast && isHeard) return 'kept';
      if (!answer.more) this.#isMet = true;
    }
  }

  /** Of what it had no room for, not the difference is to be told but all: it has nothing to add that to. */
  #someDifferences(most: number): readonly FindingRow[] {
    if (this.#refused.size > this.#findings.size) {
      const isHere = (id: string): boolean => this.#findings.find(id) !== undefined;
      this.#refused = new Set([...this.#refused].filter(isHere));
    }
    return this.#findings.takeDifferences(most).filter(({ id }) => {
      const isRefused = this.#refused.has(id);
      if (isRefused) this.#offers.add(id);
      return !isRefused;
    });
  }

  #someOffers(): FindingRow[] {
    const rows: FindingRow[] = [];
    for (const id of this.#offers) {
      const row = this.#findings.told(id);
      if (row === undefined) this.#offers.delete(id);
      else if (rows.push(row) === ROWS_AT_ONCE) break;
    }
    return rows;
  }

  #hear({ rows, anew }: FindingAnswer, taken: readonly FindingRow[]): void {
    const inIt = new Set(rows.map(({ id }) => id));
    for (const { id } of taken) if (!inIt.has(id)) this.#refused.add(id);
    for (const id of inIt) if (this.#refused.delete(id)) this.#offers.add(id);
    if (anew) {
      for (const id of this.#findings.ids()) this.#offers.add(id);
      this.#pending = []; // It is in what is offered.
    }
    // A row without what is on its way would take that away; it comes back with the answer to that.
    const onTheirWay = new Set(this.#pending.map(({ id }) => id));
    this.#findings.absorb(rows.filter((row) => !onTheirWay.has(row.id) && this.#hasAll(row)));
  }

  /** Whether it has all that is known here. Counts only grow, so that the greater one is the later one. */
  #hasAll(row: FindingRow): boolean {
    const here = this.#offers.has(row.id) ? this.#findings.told(row.id) : undefined;
    if (here !== undefined) {
      const said = laterOf(row.acknowledged, here.acknowledged);
      if (row.seen.count < here.seen.count || said?.at !== row.acknowledged?.at || said?.note !== row.acknowledged?.note) return false;
    }
    this.#offers.delete(row.id);
    return true;
  }
}
