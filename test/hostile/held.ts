import { SLACK_MS } from '../kit/timing.ts';
import { ownWaitMs } from '../real/run-queue.ts';

/** No message may hold the event loop for longer. */
export const HELD_MS = 50 + SLACK_MS;

/** Tries, of which the shortest counts: other work on the machine, and the collection of another's garbage, only ever add to a time. */
const TRIES = 4;

export interface Held<T> {
  readonly result: T;
  /** By the clock, without the time in which another process had the processor. */
  readonly ms: number;
}

/** How long `work` holds the thread; tried again as long as that is too long. */
export function held<T>(work: () => T): Held<T> {
  let best: Held<T> | undefined;
  for (let i = 0; i < TRIES && !(best !== undefined && best.ms < HELD_MS); i++) {
    const [from, waited] = [performance.now(), ownWaitMs()];
    const result = work();
    const ms = performance.now() - from - (ownWaitMs() - waited);
    if (best === undefined || ms < best.ms) best = { result, ms };
  }
  return best as Held<T>;
}

/** The longest turn of the event loop while `work` goes on; tried again as long as that is too long. */
export async function longestTurn<T>(work: () => Promise<T>): Promise<Held<T>> {
  let best: Held<T> | undefined;
  for (let i = 0; i < TRIES && !(best !== undefined && best.ms < HELD_MS); i++) {
    let ms = 0;
    let going = true;
    let [from, waited] = [performance.now(), ownWaitMs()];
    const turn = (): void => {
      const [now, wait] = [performance.now(), ownWaitMs()];
      ms = Math.max(ms, now - from - (wait - waited));
      [from, waited] = [now, wait];
      if (going) setImmediate(turn);
    };
    setImmediate(turn);
    const result = await work();
    going = false;
    turn();
    if (best === undefined || ms < best.ms) best = { result, ms };
  }
  return best as Held<T>;
}
