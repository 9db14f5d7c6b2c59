import type { BodyTap, TapEnd } from '../core/stage.ts';
import type { BugHost } from './body-needs.ts';
import type { ByteBudget } from './byte-budget.ts';

/** One who looks on, and what of the budget it has. */
interface Looking {
  readonly tap: BodyTap;
  countedBytes: number;
}

/** Those who see one body go by. What they keep counts against the process's budget; who fails or finds no room sees no more of it. */
export class Taps {
  readonly #budget: ByteBudget;
  readonly #host: BugHost;
  #looking: Looking[] = [];
  /** Bytes shown so far. */
  shownBytes = 0;

  constructor(budget: ByteBudget, host: BugHost) {
    this.#budget = budget;
    this.#host = host;
  }

  add(tap: BodyTap): void {
    this.#looking.push({ tap, countedBytes: 0 });
  }

  show(chunk: Uint8Array): void {
    this.shownBytes += chunk.byteLength;
    for (let i = this.#looking.length - 1; i >= 0; i--) {
      const looking = this.#looking[i] as Looking;
      const why = this.#told(looking, chunk) ? this.#counted(looking) : 'bug';
      if (why === undefined) continue;
      this.#looking.splice(i, 1);
      this.#cut(looking, why);
    }
  }

  /** Shows what of these chunks, which begin with the body, has not been shown. */
  showRest(chunks: readonly Uint8Array[]): void {
    let at = 0;
    for (const chunk of chunks) {
      const from = this.shownBytes - at;
      at += chunk.byteLength;
      if (from < chunk.byteLength) this.show(from <= 0 ? chunk : chunk.subarray(from));
    }
  }

  /** The body has ended, after `bytes` bytes. */
  end(bytes: number): void {
    if (this.shownBytes !== bytes) return this.drop('overload');
    const looking = this.#looking;
    this.#looking = [];
    for (const one of looking) {
      this.#budget.release(one.countedBytes);
      this.#told(one, undefined);
    }
  }

  /** Nobody sees any more of it. */
  drop(why: TapEnd = 'broken'): void {
    const looking = this.#looking;
    this.#looking = [];
    for (const one of looking) this.#cut(one, why);
  }

  #cut({ tap, countedBytes }: Looking, why: TapEnd): void {
    this.#budget.release(countedBytes);
    try {
      tap.onCut(why);
    } catch (error) {
      this.#host.bug(tap.stage, 'onCut', error);
    }
  }

  /** `chunk` undefined: the end. */
  #told({ tap }: Looking, chunk: Uint8Array | undefined): boolean {
    try {
      if (chunk === undefined) tap.onEnd();
      else tap.onData(chunk);
      return true;
    } catch (error) {
      this.#host.bug(tap.stage, chunk === undefined ? 'onEnd' : 'onData', error);
      return false;
    }
  }

  /** Undefined: there is room for what it keeps. */
  #counted(looking: Looking): 'overload' | undefined {
    const more = looking.tap.heldBytes - looking.countedBytes;
    if (more > 0 && !this.#budget.take(more)) return 'overload';
    if (more < 0) this.#budget.release(-more);
    looking.countedBytes += more;
    return undefined;
  }
}
