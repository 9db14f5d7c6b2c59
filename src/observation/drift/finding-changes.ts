import type { KeptFinding } from './kept-finding.ts';

/** Ids of findings that went, kept for a journal that does not take them. */
const MAX_GONE = 100_000;

/** Which findings are yet to be written, and to be told to other replicas. Each is in a list once: counting it again costs a look at it. */
export class FindingChanges {
  readonly #unwritten: KeptFinding[] = [];
  readonly #untold: KeptFinding[] = [];
  readonly #gone = new Set<string>();

  /** It changed, here or elsewhere. */
  toWrite(finding: KeptFinding): void {
    if (finding.unwritten) return;
    finding.unwritten = true;
    this.#unwritten.push(finding);
  }

  /** It changed here. */
  toTell(finding: KeptFinding): void {
    this.toWrite(finding);
    if (finding.untold) return;
    finding.untold = true;
    this.#untold.push(finding);
  }

  went(id: string): void {
    if (this.#gone.size < MAX_GONE) this.#gone.add(id);
  }

  cameBack(id: string): void {
    this.#gone.delete(id);
  }

  takeUnwritten(most: number): readonly KeptFinding[] {
    const taken = this.#unwritten.splice(0, most);
    for (const finding of taken) finding.unwritten = false;
    return taken.filter(({ gone }) => !gone);
  }

  takeUntold(most: number): readonly KeptFinding[] {
    const taken = this.#untold.splice(0, most);
    for (const finding of taken) finding.untold = false;
    return taken.filter(({ gone }) => !gone);
  }

  takeGone(most: number): readonly string[] {
    const taken: string[] = [];
    for (const id of this.#gone) {
      if (taken.length >= most) break;
      this.#gone.delete(id);
      taken.push(id);
    }
    return taken;
  }
}
