import type { Attempt, Exchange } from '../../core/exchange.ts';
import type { Clock, Timer, Timers } from '../../core/ports.ts';
import { rejection } from '../../core/rejection.ts';
import type { Answer, AttemptStage, Policy } from '../../core/stage.ts';

/** Of `policies.deadline`: what this stage looks at. */
export interface AttemptTimeoutConfig {
  /** Undefined: no limit but what is left of the deadline. */
  readonly attemptMs: number | undefined;
}

class Watch {
  timer: Timer | undefined = undefined;
}

/**
 * DL-5: one try has `deadline.attempt` from the moment its request has wholly been sent to its response head. When the timer
 * falls due before that moment plus the limit, it is set again for the rest: nothing need tell it when the body has left.
 */
class AttemptTimeout implements AttemptStage<Watch> {
  readonly name = 'attemptTimeout';
  readonly #limitMs: number;
  readonly #clock: Clock;
  readonly #timers: Timers;

  constructor(limitMs: number, clock: Clock, timers: Timers) {
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.#timers = timers;
  }

  open(): Watch {
    return new Watch();
  }

  onRequest(_x: Exchange, t: Attempt, watch: Watch): undefined {
    this.#arm(t, watch, this.#limitMs);
  }

  onResponse(_x: Exchange, _t: Attempt, answer: Answer, watch: Watch): Answer {
    watch.timer?.cancel();
    watch.timer = undefined;
    return answer;
  }

  onFinish(_x: Exchange, _t: Attempt, _end: unknown, watch: Watch): void {
    watch.timer?.cancel();
  }

  #arm(t: Attempt, watch: Watch, afterMs: number): void {
    watch.timer = this.#timers.after(afterMs, () => {
      const leftMs = t.sentAt === undefined ? this.#limitMs : t.sentAt + this.#limitMs - this.#clock.monotonicMs();
      if (t.answer !== undefined) return;
      if (leftMs > 0) this.#arm(t, watch, leftMs);
      else t.cancel(rejection('UPSTREAM_TIMEOUT', `no answer within ${this.#limitMs} ms`));
    });
  }
}

export const attemptTimeout = {
  name: 'attemptTimeout',
  compile: (config, _route, deps) =>
    config.attemptMs === undefined ? undefined : new AttemptTimeout(config.attemptMs, deps.clock, deps.timers),
} satisfies Policy<'attemptTimeout', AttemptTimeoutConfig>;
