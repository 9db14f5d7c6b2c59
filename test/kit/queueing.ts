import { AdaptiveLimit } from '../../src/policies/concurrency/adaptive-limit.ts';
import { type Line, Places } from '../../src/policies/concurrency/places.ts';
import type { Departure, Return } from '../../src/policies/concurrency/trial.ts';
import { FakeClock } from './clock.ts';

/** What an upstream can do, and what is asked of it; all of it may change while it runs. */
export interface World {
  /** Requests that the upstream works on at a time; others wait in it. */
  workers: number;
  /** How long it works on one, milliseconds; `random` is even over 0 to 1. */
  serviceMs: (random: () => number) => number;
  /** Requests that come in a second, at random. */
  perSecond: number;
  /** After so long without an answer the gateway gives up; the upstream works on. */
  timeoutMs: number;
  /** Tries that hold a place for long after their head, and ask for nothing. */
  streaming: number;
}

/** A repeatable spread over 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One upstream with a queue, a gateway with an adaptive limit in front of it, and callers who do not wait for each other. */
export class Queueing {
  readonly clock = new FakeClock();
  readonly places = new Places();
  readonly limit: AdaptiveLimit;
  readonly world: World;
  /** Since the last `run`. */
  served = 0;
  shed = 0;
  timedOut = 0;
  tookMs = 0;
  /** The lowest and the highest that the limit was. */
  lowest = 0;
  highest = 0;
  readonly #line: Line;
  readonly #most: number;
  readonly #random: () => number;
  #busy = 0;
  readonly #inside: Array<() => void> = [];

  constructor(most: number, world: Partial<World>, seed = 1) {
    this.world = { workers: 10, serviceMs: () => 20, perSecond: 0, timeoutMs: 60_000, streaming: 0, ...world };
    this.#most = most;
    this.#random = seeded(seed);
    this.limit = new AdaptiveLimit(most, this.clock, this.clock, () => this.places.serve());
    this.#line = this.places.line(most, 20, this.limit);
    this.#arrive();
  }

  /** How long answers took on average in this run, from the place to the head. */
  get meanMs(): number {
    return this.tookMs / this.served;
  }

  run(seconds: number): this {
    this.served = this.shed = this.timedOut = this.tookMs = 0;
    this.lowest = this.highest = this.limit.limit;
    for (let i = 0; i < seconds * 20; i++) {
      this.clock.advance(50);
      this.lowest = Math.min(this.lowest, this.limit.limit);
      this.highest = Math.max(this.highest, this.limit.limit);
    }
    return this;
  }

  #arrive(): void {
    const { perSecond } = this.world;
    const gapMs = perSecond === 0 ? 50 : (-Math.log(1 - this.#random()) * 1000) / perSecond;
    this.clock.after(gapMs, () => {
      if (perSecond > 0) this.#ask();
      this.#arrive();
    });
  }

  #ask(): void {
    if (this.#line.enter()) return this.#send();
    let timer = { cancel: (): void => undefined };
    const waiter = this.#line.wait(() => {
      timer.cancel();
      this.#send();
    });
    if (waiter === undefined) {
      this.shed += 1;
      return;
    }
    timer = this.clock.after(1000, () => {
      this.#line.leave(waiter);
      this.shed += 1;
    });
  }

  #send(): void {
    const from: Departure = { load: this.limit.waiting, period: this.limit.period };
    const at = this.clock.monotonicMs();
    let over = false;
    const done = (how: Return): void => {
      if (over) return;
      over = true;
      timer.cancel();
      const ms = this.clock.monotonicMs() - at;
      if (how === 'answered') {
        this.served += 1;
        this.tookMs += ms;
      } else this.timedOut += 1;
      this.limit.sample(ms, from, how, this.#most);
      this.limit.back(from);
      this.places.release();
    };
    const timer = this.clock.after(this.world.timeoutMs, () => done('timed_out'));
    this.#inside.push(() => done('answered'));
    this.#work();
  }

  #work(): void {
    while (this.#busy < this.world.workers) {
      const next = this.#inside.shift();
      if (next === undefined) return;
      this.#busy += 1;
      this.clock.after(this.world.serviceMs(this.#random), () => {
        this.#busy -= 1;
        next();
        this.#work();
      });
    }
  }
}
