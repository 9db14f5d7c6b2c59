import type { Contract } from '../core/contract.ts';
import type { Timer, Timers } from '../core/ports.ts';

/** Between two slices of the warm-up; each compiles one validator. */
const WARM_UP_PAUSE_MS = 8;

/**
 * Compiles validators in the background, one at a time, so that hardly any request has to wait for its own. Returns how to stop: a
 * contract that was replaced is not worth it.
 */
export function warmUp(contracts: Iterable<Contract>, timers: Timers): () => void {
  const waiting = [...contracts];
  let timer: Timer;
  const step = (): void => {
    while (waiting[0] !== undefined && !waiting[0].warmUp()) waiting.shift();
    if (waiting.length > 0) timer = timers.after(WARM_UP_PAUSE_MS, step);
  };
  timer = timers.after(WARM_UP_PAUSE_MS, step);
  return () => {
    waiting.length = 0;
    timer.cancel();
  };
}
