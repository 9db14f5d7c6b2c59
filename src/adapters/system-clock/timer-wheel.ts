import type { Timer, Timers } from '../../core/ports.ts';

/** Milliseconds between two looks at the wheel: how late a timer may be. */
export const TICK_MS = 8;
const SLOTS = 1024;

class Entry implements Timer {
  readonly dueAt: number;
  fn: (() => void) | undefined;
  previous: Entry | undefined = undefined;
  next: Entry | undefined = undefined;
  slot: Slot | undefined = undefined;

  constructor(dueAt: number, fn: () => void) {
    this.dueAt = dueAt;
    this.fn = fn;
  }

  cancel(): void {
    this.fn = undefined;
    this.slot?.remove(this);
  }
}

/** A list that entries leave in constant time. */
class Slot {
  first: Entry | undefined = undefined;
  readonly wheel: TimerWheel;

  constructor(wheel: TimerWheel) {
    this.wheel = wheel;
  }

  add(entry: Entry): void {
    entry.slot = this;
    entry.next = this.first;
    if (this.first !== undefined) this.first.previous = entry;
    this.first = entry;
    this.wheel.size += 1;
  }

  remove(entry: Entry): void {
    if (entry.previous === undefined) this.first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next !== undefined) entry.next.previous = entry.previous;
    entry.previous = entry.next = entry.slot = undefined;
    this.wheel.size -= 1;
  }
}

/**
 * One timer for all deadlines, timeouts and backoffs: setting and cancelling cost a list operation each, which matters where
 * every request sets one that hardly ever fires. The wheel stands still while it is empty.
 */
export class TimerWheel implements Timers {
  size = 0;
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => new Slot(this));
  readonly #now: () => number;
  readonly #tick: (fn: () => void) => void;
  readonly #onError: (error: unknown) => void;
  /** The last slot that was looked at, counted from the beginning of time; what is due later within it is still there. */
  #at: number;
  #turning = false;

  /** `now`: monotonic milliseconds; `tick`: calls back about TICK_MS later, once; `onError`: what a callback threw, a bug of ours. */
  constructor(now: () => number, tick: (fn: () => void) => void, onError: (error: unknown) => void) {
    this.#onError = onError;
    this.#now = now;
    this.#tick = tick;
    this.#at = Math.floor(now() / TICK_MS);
  }

  after(ms: number, fn: () => void): Timer {
    const now = this.#now();
    if (!this.#turning) {
      this.#at = Math.floor(now / TICK_MS);
      this.#turning = true;
      this.#tick(this.#turn);
    }
    const entry = new Entry(now + Math.max(0, ms), fn);
    (this.#slots[Math.floor(entry.dueAt / TICK_MS) % SLOTS] as Slot).add(entry);
    return entry;
  }

  readonly #turn = (): void => {
    const now = this.#now();
    const last = Math.floor(now / TICK_MS);
    // After a long stall one round sees every slot; more rounds would see the same ones again.
    for (let at = Math.max(this.#at, last - SLOTS + 1); at <= last; at++) this.#fire(this.#slots[at % SLOTS] as Slot, now);
    this.#at = last;
    if (this.size > 0) this.#tick(this.#turn);
    else this.#turning = false;
  };

  #fire(slot: Slot, now: number): void {
    let due: Entry[] | undefined;
    for (let entry = slot.first; entry !== undefined; entry = entry.next) {
      if (entry.dueAt > now) continue; // later in this slot, or in a later round
      due ??= [];
      due.push(entry);
    }
    if (due === undefined) return;
    due.sort((a, b) => a.dueAt - b.dueAt);
    for (const entry of due) {
      if (entry.slot !== undefined) slot.remove(entry);
      const { fn } = entry;
      entry.fn = undefined;
      try {
        fn?.(); // undefined: cancelled by one that fired before it
      } catch (error) {
        this.#onError(error); // the other timers of the process must not stand still for it
      }
    }
  }
}
