import type { Afterwork, Clock, Timer, Timers } from '../../src/core/ports.ts';

interface Pending {
  readonly dueAt: number;
  readonly fn: () => void;
}

/**
 * Time that stands still until a test moves it. Clock and timers in one, so that both always agree: a timer's function sees the
 * instant at which it was due.
 */
export class FakeClock implements Clock, Timers {
  #nowMs: number;
  readonly #wallOffsetMs: number;
  /** In the order in which they were set; the same instant runs in that order. */
  #pending: Pending[] = [];

  /** `monotonicMs` and `wallMs` are the instants at which it begins, in milliseconds. */
  constructor(monotonicMs = 1000, wallMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = monotonicMs;
    this.#wallOffsetMs = wallMs - monotonicMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  after(ms: number, fn: () => void): Timer {
    const pending: Pending = { dueAt: this.#nowMs + Math.max(0, ms), fn };
    this.#pending.push(pending);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((p) => p !== pending);
      },
    };
  }

  /** Timers that have neither run nor been cancelled: 0 at the end of a test that leaks none. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Milliseconds until the next timer is due; undefined when there is none. */
  get nextInMs(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.dueAt - this.#nowMs;
  }

  /** Moves time on by `ms` and runs all that falls due, in order of time, what those timers set included. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let due = this.#next(untilMs); due !== undefined; due = this.#next(untilMs)) {
      const { dueAt, fn } = due;
      this.#pending = this.#pending.filter((p) => p !== due);
      this.#nowMs = Math.max(this.#nowMs, dueAt);
      fn();
    }
    this.#nowMs = untilMs;
  }

  /** As `advance`, but lets promise reactions run before and after each timer: for code that awaits between two timers. */
  async advanceAsync(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let due = this.#next(untilMs); due !== undefined; due = this.#next(untilMs)) {
      this.advance(due.dueAt - this.#nowMs);
      await settle();
    }
    this.advance(untilMs - this.#nowMs);
    await settle();
  }

  #next(untilMs: number): Pending | undefined {
    let next: Pending | undefined;
    for (const p of this.#pending) if (p.dueAt <= untilMs && (next === undefined || p.dueAt < next.dueAt)) next = p;
    return next;
  }
}

/** Lets every promise reaction that is ready run, and those that they make ready: no time passes. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Does what comes after an exchange when the exchange is over. */
export const AT_ONCE: Afterwork = { add: (task) => task.work() };
