/**
 * How many lines a scrape may have. What exists is never dropped, so what could pass the limit must not be born: ordinary label
 * sets may fill nine tenths of it, most of the last tenth is kept for the folded ones that stand in for those which found no place, and
 * one series a family (all labels `_other`) has its place reserved from the start. The last fiftieth is for families that come later, when
 * a reload switches a policy on.
 */
export class LineBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Lines that are there whatever happens: comments, reserved series, process metrics. */
  reserve(lines: number): void {
    this.#used += lines;
  }

  /** False: no room for a series of so many lines. */
  take(lines: number, kind: 'ordinary' | 'folded'): boolean {
    const limit = Math.floor(this.#limit * (kind === 'folded' ? 0.98 : 0.9));
    if (this.#used + lines > limit) return false;
    this.#used += lines;
    return true;
  }

  /** A series was taken away. */
  give(lines: number): void {
    this.#used -= lines;
  }
}
