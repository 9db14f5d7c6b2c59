import type { KeptFinding } from './kept-finding.ts';

/** Which resolved finding has to go next. They are many at a time, after a new contract, and are not looked through for each that goes. */
export class ResolvedOnes {
  /** As far as they were resolved when they were lined up; the next to go last. */
  #toGo: KeptFinding[] = [];

  /** Of all findings the resolved one that was seen longest ago. */
  oldest(all: Iterable<KeptFinding>): KeptFinding | undefined {
    for (;;) {
      const next = this.#toGo.pop();
      if (next === undefined) break;
      // One that came back meanwhile stays.
      if (next.state === 'resolved' && !next.gone) return next;
    }
    this.#toGo = [...all].filter(({ state }) => state === 'resolved').sort((a, b) => b.lastSeenAt - a.lastSeenAt);
    return this.#toGo.pop();
  }
}
