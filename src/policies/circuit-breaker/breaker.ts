import type { Clock, Random } from '../../core/ports.ts';
import { CallWindow, type Counted } from './call-window.ts';
import type { CircuitBreakerConfig } from './config.ts';

export type CircuitState = 'closed' | 'open' | 'half_open';

/** How a call ended. `void`: it says nothing about the upstream. */
export type Verdict = Counted | 'void';

/** How far a try has come; an Attempt knows. Monotonic milliseconds. */
export interface Progress {
  /** The request has wholly been sent. */
  readonly sentAt: number | undefined;
  /** The answer's head is here. */
  readonly headAt: number | undefined;
}

/** One call, from where it asks to be let through to where it is known how it ended. */
export class Call {
  readonly progress: Progress;
  /** Which period of the circuit's life it was let through in; none: it was not, or its end has been counted. */
  epoch = NONE;
  admittedAt = 0;
  /** Its answer has begun, and nothing was wrong with that. */
  begunWell = false;

  constructor(progress: Progress) {
    this.progress = progress;
  }
}

const NONE = -1;

/** Why a circuit changed its state: what was counted until then. */
export interface Change {
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Of the window, or of the probes. */
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  /** How long it stays open, milliseconds; 0 where it is not. */
  readonly openMs: number;
}

const JITTER = 0.1;

/**
 * CB-1: one circuit. Closed, it counts how calls end, and opens when enough of them failed or were slow. Open, it lets nothing through. When that time
 * is over, which is looked at when somebody asks, it is half-open: a few calls are let through, and it closes when so many have ended well, or
 * opens again for twice as long when one has not. What a call says counts only in the period in which it was let through.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #random: Random;
  #onChange: (change: Change) => void;
  #numbers: CircuitBreakerConfig;
  #window: CallWindow;
  #state: CircuitState = 'closed';
  #epoch = 0;
  /** How often it has opened since it was closed. */
  #openings = 0;
  #openUntil = 0;
  /** Half-open: calls that are under way and hold a permit, and how many ended well. */
  #probes: Call[] = [];
  #good = 0;

  constructor(numbers: CircuitBreakerConfig, clock: Clock, random: Random, onChange: (change: Change) => void) {
    this.#numbers = numbers;
    this.#window = new CallWindow(numbers.windowMs);
    this.#clock = clock;
    this.#random = random;
    this.#onChange = onChange;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Other numbers from here on, and somebody else who is told. The state stays; calls are counted anew where the window has another length. */
  use(numbers: CircuitBreakerConfig, onChange: (change: Change) => void): void {
    this.#numbers = numbers;
    this.#onChange = onChange;
    if (numbers.windowMs !== this.#window.windowMs) this.#window = new CallWindow(numbers.windowMs);
  }

  /** No call will come any more, and nobody is told of anything. */
  retire(): void {
    this.#onChange = () => undefined;
  }

  /** False: it must not be sent. */
  admit(call: Call): boolean {
    if (!this.admits()) return false;
    call.epoch = this.#epoch;
    if (this.#state === 'half_open') {
      call.admittedAt = this.#clock.monotonicMs();
      this.#probes.push(call);
    }
    return true;
  }

  /** Whether a call would be let through now. */
  admits(): boolean {
    if (this.#state === 'closed') return true;
    this.look();
    this.#review();
    return this.state === 'closed' || (this.state === 'half_open' && this.#good + this.#probes.length < this.#numbers.probes);
  }

  /** Half-opens it where its time is over. */
  look(): void {
    if (this.#state !== 'open' || this.#clock.monotonicMs() < this.#openUntil) return;
    this.#change('half_open', 0, 0, 0, 0);
  }

  /** Whole seconds until it is worth while to ask again, at least 1. */
  get retryAfterS(): number {
    if (this.#state !== 'open') return 1;
    return Math.max(1, Math.ceil((this.#openUntil - this.#clock.monotonicMs()) / 1000));
  }

  /** How a call ended, once. A permit is given back, whatever it says. */
  ended(call: Call, verdict: Verdict): void {
    const counts = call.epoch === this.#epoch;
    call.epoch = NONE;
    if (!counts) return;
    if (this.#state === 'closed') {
      if (verdict !== 'void') this.#count(verdict);
      return;
    }
    this.#giveBack(call);
    if (verdict === 'void') return;
    if (verdict === 'good') this.#probed();
    else this.#open(this.#good + 1, verdict === 'failed' ? 1 : 0, verdict === 'slow' ? 1 : 0);
  }

  #count(verdict: Counted): void {
    const window = this.#window;
    window.add(verdict, this.#clock.monotonicMs());
    const { calls, failed, slow } = window;
    const { minCalls, failureRatio } = this.#numbers;
    if (calls >= minCalls && (failed + slow) / calls >= failureRatio) this.#open(calls, failed, slow);
  }

  #probed(): void {
    this.#good += 1;
    if (this.#good < this.#numbers.probes) return;
    this.#openings = 0;
    this.#change('closed', this.#good, 0, 0, 0);
  }

  /**
   * Probes that take longer than `slowerThan` for what they do at the moment. One whose answer does not begin has failed. One whose answer streams
   * has gone well: an event stream need never end. One that is still being sent waits for its caller, and keeps no permit from others.
   */
  #review(): void {
    if (this.#state !== 'half_open') return;
    const since = this.#clock.monotonicMs() - this.#numbers.slowerThanMs;
    for (const call of this.#probes.slice()) {
      const { headAt, sentAt } = call.progress;
      if ((headAt ?? sentAt ?? call.admittedAt) >= since) continue;
      if (call.begunWell) this.ended(call, 'good');
      else if (headAt === undefined && sentAt !== undefined) this.ended(call, 'slow');
      else this.#giveBack(call);
      if (this.#state !== 'half_open') return;
    }
  }

  #giveBack(call: Call): void {
    const at = this.#probes.indexOf(call);
    if (at >= 0) this.#probes.splice(at, 1);
  }

  #open(calls: number, failed: number, slow: number): void {
    const { openMs, maxOpenMs } = this.#numbers;
    const spread = 1 - JITTER + 2 * JITTER * this.#random.unit();
    const forMs = Math.min(maxOpenMs, openMs * 2 ** this.#openings) * spread;
    this.#openings += 1;
    this.#openUntil = this.#clock.monotonicMs() + forMs;
    this.#change('open', calls, failed, slow, forMs);
  }

  #change(to: CircuitState, calls: number, failed: number, slow: number, openMs: number): void {
    const from = this.#state;
    this.#state = to;
    this.#epoch += 1;
    this.#probes = [];
    this.#good = 0;
    this.#window.clear();
    this.#onChange({ from, to, calls, failed, slow, openMs });
  }
}
