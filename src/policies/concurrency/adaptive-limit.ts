import type { Clock, Timer, Timers } from '../../core/ports.ts';
import type { Bound } from './places.ts';
import { type Mean, Samples } from './samples.ts';
import { type Departure, type Return, Trial } from './trial.ts';

/** What is looked at together: so many tries, over so much time at least. */
const MIN_SAMPLES = 20;
const WINDOW_MS = 250;
/**
 * If half the load is not reached after as long as an answer takes, those that are under way are of another kind, and nobody shall wait for
 * them; after so many times as long a trial is over anyhow.
 */
const MIN_DRAIN_MS = 50;
const MAX_DRAIN_MS = 2500;
const TRIAL_MEANS = 3;
const MAX_TRIAL_MS = 5000;
/** By so much there must be more under way again before the two are compared. */
const MORE = 1.5;
/** And it must not be longer ago than this. */
const FRESH_MS = 5000;
/** Between two trials; doubled while they find nothing. */
const MIN_GAP_MS = 1000;
const MAX_GAP_MS = 32_000;
/** Slower by less than this is as fast as with half the load: the limit goes up. */
const SAME = 1.2;
/** Slower by more than this at twice the load is too much. Between the two the limit stays. */
const SLOWER = 1.5;
/** Standard errors by which they must differ: what varies much by itself takes more samples, or more of a difference. */
const CERTAINTY = 1.5;
/** Where a limit that was too high is put. */
const AIM = 1.3;
/** It never goes down by more than the first at once, nor by less than the second; by the third where most tries run out of time. */
const MOST_AT_ONCE = 0.5;
const LEAST_AT_ONCE = 0.9;
const TIMED_OUT = 0.7;
/** Differences that the machine makes by itself, milliseconds. */
const NOISE_MS = 2;
/** It never goes below this, where the configured limit is not lower. */
const FLOOR = 4;

/**
 * How many tries may wait for the head of their answer at a time, so that the upstream has all that it can work on and no more. It is lowered
 * on one evidence alone: that answers came markedly sooner with half as many under way, tried out just then. An upstream that is slow whatever its load
 * (a few slow operations, another mix of them, a slow disk) gets no fewer requests for that: it would serve no one faster. Bodies that stream are not
 * looked at. Where most tries run out of time there is nothing to compare, and it is lowered without a trial.
 */
export class AdaptiveLimit implements Bound {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #onWider: () => void;
  #limit: number;
  /** The largest that a route has set, of those that were heard of in this window. */
  #ceiling = 0;
  #waiting = 0;
  readonly #samples = new Samples();
  #period = 0;
  /** How long answers take with about half the load. */
  #reference: Mean | undefined = undefined;
  /** With so many under way the last trial was made; the next window with markedly more is compared with it, until then. */
  #tried = 0;
  #triedUntil = 0;
  #trial: Trial | undefined = undefined;
  #trialTimer: Timer | undefined = undefined;
  #trialAt = 0;
  #gapMs = MIN_GAP_MS;

  /** `limit`: what it begins with. `onWider`: called when more may come in than before. */
  constructor(limit: number, clock: Clock, timers: Timers, onWider: () => void) {
    this.#limit = limit;
    this.#clock = clock;
    this.#timers = timers;
    this.#onWider = onWider;
    this.#samples.begin(clock.monotonicMs());
  }

  /** As it is where no trial is on. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Tries that wait for the head of their answer. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Half the load is being tried. */
  get trying(): boolean {
    return this.#trial !== undefined;
  }

  get period(): number {
    return this.#period;
  }

  hasRoom(limit: number): boolean {
    return this.#waiting < Math.min(limit, this.#trial?.half ?? this.limit);
  }

  take(): void {
    this.#waiting += 1;
    const trial = this.#trial;
    if (trial !== undefined && !trial.enlists(this.#clock.monotonicMs())) this.#newPeriod();
  }

  /** A try waits no longer, whatever became of it. Its sample comes before this. */
  back(from: Departure): void {
    this.#waiting -= 1;
    if (this.#trial?.back(from) === true) this.#endTrial();
  }

  /** `ms`: from the request sent to the head of its answer, or to where its time was over. `ceiling`: the limit that its route sets. */
  sample(ms: number, from: Departure, how: Return, ceiling: number): void {
    // A caller in a hurry says nothing about the upstream.
    if (how === 'timed_out' && this.#reference !== undefined && ms < this.#reference.ms * SLOWER) return;
    if (this.#trial !== undefined) return this.#trial.sample(ms, from, how);
    if (from.period !== this.#period) return;
    this.#ceiling = Math.max(this.#ceiling, ceiling);
    this.#samples.add(ms, from.load, this.#waiting, how);
    if (this.#samples.count >= MIN_SAMPLES && this.#clock.monotonicMs() - this.#samples.beganAt >= WINDOW_MS) this.#look();
  }

  /** At the end of a window. */
  #look(): void {
    const { count, timedOut, meanLoad, meanReturn, mean } = this.#samples;
    const ceiling = this.#ceiling;
    this.#ceiling = 0;
    this.#limit = Math.min(this.#limit, ceiling);
    this.#samples.begin(this.#clock.monotonicMs());
    // With so little to do nothing is known of what more would do; but it is what more is to be compared with.
    if (meanLoad + meanReturn < this.limit) return this.#learn(mean);
    if (timedOut * 2 > count) return this.#lower(meanLoad, TIMED_OUT);
    if (this.limit <= FLOOR) this.#learn(mean);
    const tried = this.#clock.monotonicMs() <= this.#triedUntil && meanLoad >= this.#tried * MORE;
    if (tried) this.#triedUntil = 0;
    const slower = this.#slower(mean);
    const tooMuch = tried && slower > SLOWER ** Math.log2(meanLoad / this.#tried) && this.#isCertain(mean);
    if (tooMuch) this.#nextTrial(MIN_GAP_MS);
    if (slower < 1) this.#learn(mean);
    if (slower < SAME) this.#raise(ceiling);
    else if (tooMuch) this.#lower(meanLoad, Math.min(LEAST_AT_ONCE, Math.max(MOST_AT_ONCE, AIM / slower)));
    else if (this.#clock.monotonicMs() >= this.#trialAt) this.#try(meanLoad, mean.ms);
  }

  /** How many times as long as with about half the load. */
  #slower({ ms }: Mean): number {
    return this.#reference === undefined ? Number.POSITIVE_INFINITY : ms / (this.#reference.ms + NOISE_MS);
  }

  #isCertain({ ms, variance }: Mean): boolean {
    const than = this.#reference as Mean;
    return Math.log(ms / than.ms) > CERTAINTY * Math.sqrt(variance + than.variance);
  }

  #learn(mean: Mean): void {
    const before = this.#reference;
    this.#reference = before === undefined ? mean : { ms: (before.ms + mean.ms) / 2, variance: mean.variance };
  }

  #nextTrial(gapMs: number): void {
    this.#gapMs = Math.min(MAX_GAP_MS, gapMs);
    this.#trialAt = this.#clock.monotonicMs() + this.#gapMs;
  }

  #raise(ceiling: number): void {
    this.#limit = Math.min(ceiling, this.#limit + Math.sqrt(this.#limit));
    this.#onWider();
  }

  #lower(load: number, by: number): void {
    this.#limit = Math.max(Math.min(FLOOR, this.#limit), Math.min(this.#limit, load) * by);
  }

  #try(load: number, meanMs: number): void {
    this.#newPeriod();
    const trial = new Trial(Math.max(1, Math.floor(load / 2)), this.#period, this.#clock.monotonicMs());
    this.#trial = trial;
    const drainMs = Math.min(MAX_DRAIN_MS, Math.max(MIN_DRAIN_MS, meanMs));
    this.#trialTimer = this.#timers.after(drainMs, () => {
      if (this.#waiting > trial.half) return this.#endTrial();
      const restMs = Math.min(MAX_TRIAL_MS, WINDOW_MS + TRIAL_MEANS * meanMs) - drainMs;
      this.#trialTimer = this.#timers.after(restMs, () => this.#endTrial());
    });
  }

  #endTrial(): void {
    const now = this.#clock.monotonicMs();
    const trial = this.#trial as Trial;
    const result = trial.result(now);
    this.#trialTimer?.cancel();
    this.#trialTimer = undefined;
    this.#trial = undefined;
    this.#nextTrial(this.#gapMs * 2);
    if (result !== undefined) {
      this.#reference = result;
      this.#tried = trial.half;
      this.#triedUntil = now + FRESH_MS;
    }
    this.#newPeriod();
    this.#onWider();
  }

  /** Samples of who set out before this are not mixed with those of who sets out after it. */
  #newPeriod(): void {
    this.#period += 1;
    this.#samples.begin(this.#clock.monotonicMs());
  }
}
