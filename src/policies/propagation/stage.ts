import { stackedAttempt } from '../../core/caller-retries.ts';
import type { Exchange, Attempt } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';
import { lastFault } from '../../core/last-fault.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type AttemptStage, type Policy, refuse } from '../../core/stage.ts';
import { forwardedTimeoutMs, timeoutValue } from '../../core/forwarded-timeout.ts';

/** Innermost of the attempt stages: what the upstream is told of time and tries (DL-3, RT-9). */
class Propagation implements AttemptStage<void> {
  readonly name = 'propagation';
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  onRequest(x: Exchange, t: Attempt): Answer | undefined {
    // What a gateway in front repeats is a repeat for those behind as well: they shall not multiply it.
    const attempt = t.number > 1 ? t.number : stackedAttempt(x);
    if (attempt > 1) t.edits.set('X-Retry-Attempt', String(attempt));
    if (x.deadlineAt === undefined) return undefined;
    const timeoutMs = forwardedTimeoutMs(x.deadlineAt - this.#clock.monotonicMs());
    if (timeoutMs <= 0) {
      if (t.number === 1) return refuse(rejection('DEADLINE_EXHAUSTED', 'no time was left to ask the upstream'));
      return refuse(rejection(lastFault(x), 'no time was left for another try'));
    }
    t.edits.set('X-Request-Timeout-Ms', String(timeoutMs));
    for (const alias of x.timeoutAliases) t.edits.set(alias, timeoutValue(alias, timeoutMs));
    return undefined;
  }
}

export const propagation = {
  name: 'propagation',
  compile: (_config, _route, deps) => new Propagation(deps.clock),
} satisfies Policy<'propagation', undefined>;
