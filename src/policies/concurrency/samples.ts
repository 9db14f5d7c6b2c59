/** What came of tries within a while: how long they took, and how many were under way meanwhile. */
export class Samples {
  count = 0;
  timedOut = 0;
  beganAt = 0;
  #logs = 0;
  #squares = 0;
  #loads = 0;
  #returns = 0;

  begin(now: number): void {
    this.beganAt = now;
    this.count = this.timedOut = this.#logs = this.#squares = this.#loads = this.#returns = 0;
  }

  /** `load` and `onReturn`: tries that waited for their answer when this one set out, and when it came back; itself included. */
  add(ms: number, load: number, onReturn: number, how: 'answered' | 'timed_out'): void {
    const log = Math.log(Math.max(ms, LEAST_MS));
    this.count += 1;
    this.#logs += log;
    this.#squares += log * log;
    this.#loads += load;
    this.#returns += onReturn;
    if (how === 'timed_out') this.timedOut += 1;
  }

  get mean(): Mean {
    const log = this.#logs / this.count;
    const variance = Math.max(0, this.#squares / this.count - log * log);
    return { ms: Math.exp(log), variance: variance / this.count };
  }

  get meanLoad(): number {
    return this.#loads / this.count;
  }

  get meanReturn(): number {
    return this.#returns / this.count;
  }
}

/** Shorter times are noise of ours. */
const LEAST_MS = 0.1;

export interface Mean {
  /** Geometric: one operation in twenty that takes a thousand times as long as the others makes it 1.4 times as much, not fifty times. */
  readonly ms: number;
  /** Of the mean's logarithm: how far chance alone may have moved it. */
  readonly variance: number;
}
