import type { Exchange } from '../../core/exchange.ts';
import { forwardedTimeoutMs } from '../../core/forwarded-timeout.ts';
import type { Clock, Gauge, Timers } from '../../core/ports.ts';
import type { Maybe } from '../../core/stage.ts';
import type { ClaimReply } from './claim-script.ts';

/** Requests that may wait at a time, in this process; one more is answered at once. */
export const MAX_WAITING = 1000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;
/** A timer may be this much late (core/ports): who must have answered before an instant asks for the tick before it. */
const TICK_MS = 8;

/** How many wait, over all routes and generations. */
export class Waiting {
  #count = 0;
  readonly #gauge: Gauge;

  constructor(gauge: Gauge) {
    this.#gauge = gauge;
  }

  enter(): boolean {
    if (this.#count >= MAX_WAITING) return false;
    this.#count += 1;
    this.#gauge.set(this.#count);
    return true;
  }

  leave(): void {
    this.#count -= 1;
    this.#gauge.set(this.#count);
  }
}

export interface WaitDeps {
  readonly clock: Clock;
  readonly timers: Timers;
}

/** `in_flight`: time is up. `cancelled`: the exchange was given up meanwhile. */
export type Awaited = Exclude<ClaimReply, { is: 'running' }> | 'in_flight' | 'cancelled';

/**
 * Asks again and again until the first request has been answered (ID-5), for max(5 ms, 2 %) less than there is time, and no longer than the
 * first one's lock holds. `ask` claims: where the first was given up, the one that waited runs instead. A store that is away is asked
 * again: somebody has the key, and to go on without asking would be to execute twice with open eyes.
 */
export async function untilSettled(
  x: Exchange,
  deps: WaitDeps,
  lockedUntil: number,
  ask: () => Maybe<ClaimReply | 'unavailable'>,
): Promise<Awaited> {
  const { clock } = deps;
  const startedAt = clock.monotonicMs();
  const ownEndAt = x.deadlineAt === undefined ? Number.POSITIVE_INFINITY : startedAt + forwardedTimeoutMs(x.deadlineAt - startedAt);
  let lockEndAt = lockedUntil;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const leftMs = Math.min(ownEndAt, lockEndAt) - TICK_MS - clock.monotonicMs();
    if (leftMs <= 0) return 'in_flight';
    await pause(x, deps.timers, Math.min(pauseMs, leftMs));
    if (x.cancelled !== undefined) return 'cancelled';
    const reply = await ask();
    if (reply === 'unavailable') continue;
    if (reply.is !== 'running') return reply;
    lockEndAt = clock.monotonicMs() + reply.lockLeftMs;
  }
}

/** Ends early when the exchange is given up. */
function pause(x: Exchange, timers: WaitDeps['timers'], ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = timers.after(ms, () => {
      withdraw();
      resolve();
    });
    const withdraw = x.onCancel(() => {
      timer.cancel();
      resolve();
    });
  });
}
