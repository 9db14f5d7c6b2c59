import type { KeptFinding } from './kept-finding.ts';

/** Ids of findings that went, kept for a journal that does not take them. */
const MAX_GONE = 100_000;

/**
 * Which findings are yet to be written, and to be told to other replicas: the one that changed first comes first. Each is there once: counting it again
 * costs a look at it. One that went is in neither, so that what nobody takes (there is no `state.dir`, no Redis) keeps nothing alive.
 */
export class FindingChanges {
  readonly #unwritten = new Set<KeptFinding>();
  readonly #untold = new Set<KeptFinding>();
  readonly #gone = new Set<string>();

  get unwritten(): number {
    return this.#unwritten.size;
  }

  get untold(): number {
    return this.#untold.size;
  }

  get gone(): number {
    return this.#gone.size;
  }

  /** It changed, here or elsewhere. */
  toWrite(finding: KeptFinding): void {
    if (finding.unwritten) return;
    finding.unwritten = true;
    this.#unwritten.add(finding);
  }

  /** It changed here. */
  toTell(finding: KeptFinding): void {
    this.toWrite(finding);
    if (finding.untold) return;
    finding.untold = true;
    this.#untold.add(finding);
  }

  went(finding: KeptFinding): void {
    this.#unwritten.delete(finding);
    this.#untold.delete(finding);
    this.notGone(finding.id);
  }

  /** The journal has it still. */
  notGone(id: string): void {
    if (this.#gone.size < MAX_GONE) this.#gone.add(id);
  }

  cameBack(id: string): void {
    this.#gone.delete(id);
  }

  takeUnwritten(most: number): readonly KeptFinding[] {
    const taken = takeFrom(this.#unwritten, most);
    for (const finding of taken) finding.unwritten = false;
    return taken;
  }

  takeUntold(most: number): readonly KeptFinding[] {
    const taken = takeFrom(this.#untold, most);
    for (const finding of taken) finding.untold = false;
    return taken;
  }

  takeGone(most: number): readonly string[] {
    return takeFrom(this.#gone, most);
  }
}

/** The first ones. */
function takeFrom<T>(waiting: Set<T>, most: number): readonly T[] {
  const taken: T[] = [];
  for (const one of waiting) {
    if (taken.length >= most) break;
    waiting.delete(one);
    taken.push(one);
  }
  return taken;
}
