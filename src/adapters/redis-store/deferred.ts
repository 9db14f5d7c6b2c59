import type { Counter, Gauge } from '../../core/ports.ts';
import type { Outcome } from './metrics.ts';

const MOST = 1000;
const MOST_BYTES = 8 * 1024 * 1024;
/** What goes unanswered so often is what makes Redis slow. */
const TRIES = 3;

/** Something to be done later. */
export interface Task {
  readonly bytes: number;
  /** Runs it now, once; never throws. */
  run(done: (outcome: Outcome) => void): void;
}

interface Waiting extends Task {
  tries: number;
}

/** What is to be done in Redis as soon as it can be: one after the other, in the order in which it was asked for. */
export class Deferred {
  readonly #waiting: Waiting[] = [];
  readonly #isUp: () => boolean;
  readonly #gauge: Gauge;
  readonly #dropped: Counter;
  #bytes = 0;
  #isRunning = false;
  #isOver = false;
  #whenEmpty: Array<() => void> = [];

  constructor(isUp: () => boolean, gauge: Gauge, dropped: Counter) {
    this.#isUp = isUp;
    this.#gauge = gauge;
    this.#dropped = dropped;
  }

  add({ bytes, run }: Task): void {
    // What finds no room by itself must not take that of all others.
    if (this.#isOver || bytes > MOST_BYTES) return this.#dropped.inc();
    this.#waiting.push({ bytes, run, tries: 0 });
    this.#bytes += bytes;
    while (this.#waiting.length > MOST || this.#bytes > MOST_BYTES) this.#drop(this.#waiting[0] as Waiting);
    this.#gauge.set(this.#waiting.length);
    this.pump();
  }

  /** Redis can be reached. */
  pump(): void {
    const next = this.#waiting[0];
    if (next === undefined || this.#isRunning || !this.#isUp()) return;
    this.#isRunning = true;
    next.tries += 1;
    next.run((outcome) => {
      this.#isRunning = false;
      if (outcome === 'ok') this.#remove(next);
      else if (outcome === 'error' || next.tries === TRIES) this.#drop(next);
      this.pump();
    });
  }

  /** Resolves when nothing waits. */
  empty(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#whenEmpty.push(resolve));
  }

  /** Gives up what still waits, says how much that was, and takes nothing any more. */
  giveUp(): number {
    this.#isOver = true;
    const left = this.#waiting.length;
    for (const one of [...this.#waiting]) this.#drop(one);
    return left;
  }

  #drop(one: Waiting): void {
    if (this.#remove(one)) this.#dropped.inc();
  }

  /** False where it was given up while it ran. */
  #remove(one: Waiting): boolean {
    const at = this.#waiting.indexOf(one);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    this.#bytes -= one.bytes;
    this.#gauge.set(this.#waiting.length);
    if (this.#waiting.length === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
    return true;
  }
}
