import type { BodyLook, ItemCheck, Outcome, SkipReason } from '../../core/contract.ts';
import type { Clock } from '../../core/ports.ts';
import type { BodyTap } from '../../core/stage.ts';
import { skipped } from './verdict.ts';

/** A chunk is looked at in pieces of this size, and no longer than this: other exchanges wait meanwhile. */
const PIECE_BYTES = 8 * 1024;
const MAX_CHUNK_MS = 20;

/** Judges a body as it goes by. Where the process has no time for it there is no verdict: the traffic never waits. */
export class ItemTap implements BodyTap {
  readonly stage = 'contract';
  readonly #clock: Clock;
  readonly #overloaded: () => boolean;
  #check: ItemCheck | undefined;
  #outcome: Outcome | undefined = undefined;
  /** What the verdict has cost. */
  spentMs = 0;

  constructor(check: ItemCheck, clock: Clock, overloaded: () => boolean) {
    this.#check = check;
    this.#clock = clock;
    this.#overloaded = overloaded;
  }

  get heldBytes(): number {
    return this.#check?.heldBytes ?? 0;
  }

  /** All of the body went by. */
  get hasEnded(): boolean {
    return this.#outcome !== undefined;
  }

  get outcome(): Outcome {
    return this.#outcome ?? GIVEN_UP;
  }

  onData(chunk: Uint8Array): void {
    if (this.#overloaded()) this.#check = undefined;
    const check = this.#check;
    if (check === undefined) return;
    const from = this.#clock.monotonicMs();
    let now = from;
    for (let at = 0; at < chunk.byteLength && now - from <= MAX_CHUNK_MS; at += PIECE_BYTES) {
      check.onData(chunk.subarray(at, at + PIECE_BYTES));
      now = this.#clock.monotonicMs();
      if (now - from > MAX_CHUNK_MS && at + PIECE_BYTES < chunk.byteLength) this.#check = undefined;
    }
    this.spentMs += now - from;
  }

  onEnd(): void {
    const from = this.#clock.monotonicMs();
    this.#outcome = this.#check?.end() ?? GIVEN_UP;
    this.#check = undefined;
    this.spentMs += this.#clock.monotonicMs() - from;
  }
}

const GIVEN_UP = skipped('overload');

/** The verdict on a body whose bytes are not at hand: it went by, or why there is none. */
export function unheld(looks: Exclude<BodyLook, false>, tap: ItemTap | undefined, unread: SkipReason | undefined): Outcome {
  if (looks === 'items' || looks === 'parts') return tap?.outcome ?? skipped(unread ?? 'overload');
  return skipped(looks === true ? (unread ?? 'overload') : looks);
}
