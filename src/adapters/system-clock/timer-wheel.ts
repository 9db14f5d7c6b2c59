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

/** Turns in which nothing was set and nothing fell due, after which the wheel sleeps: finding out until when looks at every entry. */
const QUIET_TURNS = 32;
const LONGEST_SLEEP_MS = 3_600_000;

/**
 * One timer for all deadlines, timeouts and backoffs: setting and cancelling cost a list operation each, which matters where
 * every request sets one that hardly ever fires. The wheel stands still while it is empty, and sleeps until the next instant
 * while it is quiet: a gateway without traffic must not wake the machine 125 times a second.
 */
export class TimerWheel implements Timers {
  size = 0;
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => new Slot(this));
  readonly #now: () => number;
  readonly #tick: (fn: () => void, ms: number) => () => void;
  readonly #onError: (error: unknown) => void;
  /** The last slot that was looked at, counted from the beginning of time; what is due later within it is still there. */
  #at: number;
  /** What is due before this needs an earlier turn: never while it turns, until the end of its sleep, always while it stands still. */
  #sleepsUntil = Number.POSITIVE_INFINITY;
  #quietTurns = 0;
  #stopTick: () => void = () => undefined;

  /** `now`: monotonic milliseconds; `tick`: calls back about so many ms later, once, and gives what calls it off; `onError`: what a callback threw, a bug of ours. */
  constructor(now: () => number, tick: (fn: () => void, ms: number) => () => void, onError: (error: unknown) => void) {
    this.#onError = onError;
    this.#now = now;
    this.#tick = tick;
    this.#at = Math.floor(now() / TICK_MS);
  }

  after(ms: number, fn: () => void): Timer {
    const now = this.#now();
    const entry = new Entry(now + Math.max(0, ms), fn);
    if (entry.dueAt < this.#sleepsUntil) this.#wake(now);
    this.#quietTurns = 0;
    (this.#slots[Math.floor(entry.dueAt / TICK_MS) % SLOTS] as Slot).add(entry);
    return entry;
  }

  #wake(now: number): void {
    this.#stopTick();
    this.#at = Math.floor(now / TICK_MS); // nothing is due yet: it would have slept shorter
    this.#turnIn(TICK_MS);
  }

  #turnIn(ms: number): void {
    this.#sleepsUntil = Number.NEGATIVE_INFINITY;
    this.#stopTick = this.#tick(this.#turn, ms);
  }

  readonly #turn = (): void => {
    this.#sleepsUntil = Number.NEGATIVE_INFINITY;
    const now = this.#now();
    const last = Math.floor(now / TICK_MS);
    this.#quietTurns += 1;
    // After a long stall one round sees every slot; more rounds would see the same ones again.
    for (let at = Math.max(this.#at, last - SLOTS + 1); at <= last; at++) this.#fire(this.#slots[at % SLOTS] as Slot, now);
    this.#at = last;
    if (this.size === 0) this.#sleepsUntil = Number.POSITIVE_INFINITY;
    else if (this.#quietTurns > QUIET_TURNS) this.#sleep(now);
    else this.#turnIn(TICK_MS);
  };

  #sleep(now: number): void {
    let next = now + LONGEST_SLEEP_MS;
    for (const { first } of this.#slots) {
      for (let entry = first; entry !== undefined; entry = entry.next) next = Math.min(next, entry.dueAt);
    }
    this.#turnIn(Math.max(TICK_MS, Math.ceil(next - now)));
    this.#sleepsUntil = next;
  }

  #fire(slot: Slot, now: number): void {
    let due: Entry[] | undefined;
    for (let entry = slot.first; entry !== undefined; entry = entry.next) {
      if (entry.dueAt > now) continue; // later in this slot, or in a later round
      due ??= [];
      due.push(entry);
    }
    if (due === undefined) return;
    this.#quietTurns = 0;
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
