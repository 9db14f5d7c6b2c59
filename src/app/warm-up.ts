import type { Contract } from '../core/contract.ts';
import type { Clock, Timer, Timers } from '../core/ports.ts';

/** A slice ends with the validator during which this much of it has gone by: most take a fraction of a millisecond, the largest some ten. */
const SLICE_MS = 2;
/** Between two slices, and at least so many times as long as the slice took: who has little processor has some left for traffic. */
const PAUSE_MS = 8;
const REST = 3;
/** The next slice would begin this much later than it was due: the event loop has other work and gets room for it, once, or there might never be an end. */
const LATE_MS = 30;
const YIELD_MS = 100;

/** What compiling all validators of one contract took. */
export interface WarmedUp {
  readonly contract: Contract;
  /** Milliseconds by the clock: in slices, and from the first to the last. */
  readonly busyMs: number;
  readonly tookMs: number;
}

export interface WarmUpParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** All validators of a contract are there, and some were not before. */
  readonly onDone: (warm: WarmedUp) => void;
}

/**
 * Compiles validators in the background, in slices that hold no request up for long, so that hardly any request has to wait for its own.
 * Returns how to stop: a contract that was replaced is not worth it.
 */
export function warmUp(contracts: Iterable<Contract>, { clock, timers, onDone }: WarmUpParts): () => void {
  const waiting = [...contracts];
  let timer: Timer;
  let dueAt = 0;
  let beganAt = clock.monotonicMs();
  let busyMs = 0;
  let compiled = 0;
  let yielded = false;

  const later = (ms: number): void => {
    dueAt = clock.monotonicMs() + ms;
    timer = timers.after(ms, step);
  };
  const step = (): void => {
    const from = clock.monotonicMs();
    yielded = !yielded && from - dueAt > LATE_MS;
    if (yielded) return later(YIELD_MS);
    const tookMs = slice(from);
    busyMs += tookMs;
    if (waiting.length > 0) later(Math.max(PAUSE_MS, REST * tookMs));
  };
  const slice = (from: number): number => {
    for (;;) {
      const [contract] = waiting;
      if (contract === undefined) break;
      if (contract.warmUp()) compiled += 1;
      else done(contract, from);
      if (clock.monotonicMs() - from >= SLICE_MS) break;
    }
    return clock.monotonicMs() - from;
  };
  const done = (contract: Contract, from: number): void => {
    waiting.shift();
    const now = clock.monotonicMs();
    if (compiled > 0) onDone({ contract, busyMs: busyMs + now - from, tookMs: now - beganAt });
    compiled = 0;
    beganAt = now;
    busyMs = from - now;
  };

  later(PAUSE_MS);
  return () => {
    waiting.length = 0;
    timer.cancel();
  };
}
