import type { ItemCheck, Outcome, Violation } from '../../core/contract.ts';
import type { Clock } from '../../core/ports.ts';
import type { BodyTap, TapEnd } from '../../core/stage.ts';
import type { TapTime } from './tap-time.ts';
import { skipped } from './verdict.ts';

/** A chunk is looked at in pieces of this size. */
const PIECE_BYTES = 8 * 1024;

/** Judges a body as it goes by. Where the process has no time for it there is no verdict: the traffic never waits. */
export class ItemTap implements BodyTap {
  readonly stage = 'contract';
  readonly #clock: Clock;
  readonly #overloaded: () => boolean;
  readonly #time: TapTime;
  #check: ItemCheck | undefined;
  #outcome: Outcome | undefined = undefined;
  /** Told when the body begins, and whenever more is known to be wrong with it. */
  readonly #onMore: (() => void) | undefined;
  #toldOf = 0;
  /** Some of the body, or its end, went by. */
  hasSeen = false;
  /** All of the body went by. */
  hasEnded = false;
  /** What the verdict has cost. */
  spentMs = 0;

  /** `time`: what it shares with others. */
  constructor(check: ItemCheck, clock: Clock, overloaded: () => boolean, time: TapTime, onMore?: (() => void) | undefined) {
    this.#onMore = onMore;
    this.#time = time;
    this.#check = check;
    this.#clock = clock;
    this.#overloaded = overloaded;
  }

  get heldBytes(): number {
    return this.#check?.heldBytes ?? 0;
  }

  /** Once it has seen all that it will see. */
  get outcome(): Outcome {
    return this.#outcome ?? GIVEN_UP;
  }

  /** What is known to be wrong so far; the verdict lists it first. */
  get found(): readonly Violation[] {
    if (this.#check !== undefined) return this.#check.found;
    return this.#outcome?.is === 'invalid' ? this.#outcome.violations : NONE;
  }

  onData(chunk: Uint8Array): void {
    const begins = !this.hasSeen;
    this.hasSeen = true;
    if (this.#overloaded()) this.#giveUp();
    else this.#look(chunk);
    const known = this.found.length;
    if (!begins && known <= this.#toldOf) return;
    this.#toldOf = known;
    this.#onMore?.();
  }

  #look(chunk: Uint8Array): void {
    const check = this.#check;
    if (check === undefined) return;
    let from = this.#clock.monotonicMs();
    for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) {
      if (!this.#time.isLeft(from)) return this.#giveUp();
      check.onData(chunk.subarray(at, at + PIECE_BYTES));
      const now = this.#clock.monotonicMs();
      this.#time.spent(now, now - from);
      this.spentMs += now - from;
      from = now;
    }
  }

  onEnd(): void {
    const from = this.#clock.monotonicMs();
    this.hasSeen = this.hasEnded = true;
    this.#outcome ??= this.#check?.end();
    this.#check = undefined;
    this.spentMs += this.#clock.monotonicMs() - from;
  }

  onCut(why: TapEnd): void {
    if (why !== 'broken') return this.#giveUp();
    this.#outcome ??= this.#check?.cut();
    this.#check = undefined;
  }

  /** There is no verdict on all of it: what was found stays found. */
  #giveUp(): void {
    const seen = this.#check?.cut();
    if (seen?.is === 'invalid') this.#outcome = { ...seen, skipped: 'overload' };
    else this.#outcome ??= GIVEN_UP;
    this.#check = undefined;
  }
}

const GIVEN_UP = skipped('overload');
const NONE: readonly Violation[] = [];
