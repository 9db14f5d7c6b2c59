const AT_ONCE_MS = 20;
const SHARE = 0.25;

/**
 * What bodies that are judged as they go by may take of the process, all of one route together: 20 ms at once, and in the long run a fifth. A turn of
 * the event loop can bring many chunks, and other exchanges wait until the last of them has been looked at.
 */
export class TapTime {
  #spentMs = 0;
  #at = 0;

  /** `now`: of the monotonic clock. */
  isLeft(now: number): boolean {
    this.#spentMs = Math.max(0, this.#spentMs - SHARE * Math.max(0, now - this.#at));
    this.#at = now;
    return this.#spentMs <= AT_ONCE_MS;
  }

  /** `ms` have been spent until now. */
  spent(now: number, ms: number): void {
    this.#spentMs += ms;
    this.#at = now;
  }
}
