import type { Exchange } from '../../core/exchange.ts';
import { coreMetrics } from '../../core/metrics.ts';
import type { Observer, UnknownOutcome } from '../../core/ports.ts';
import { isSafe } from '../../core/rejection.ts';
import type { Policy, Stage } from '../../core/stage.ts';

/** Tells of mutations of which something was sent and no answer came: whether the upstream carried them out, nobody knows (F7). */
class Outcomes implements Stage<void> {
  readonly name = 'outcomes';
  readonly skipsUpgrades = true as const;
  readonly #observer: Observer;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  onFinish(x: Exchange): void {
    const reason = x.unanswered ?? lostByUs(x);
    if (reason === undefined || isSafe(x.request.method)) return;
    this.#observer.unknownOutcome(x, { reason, keyHash: x.keyHash });
  }
}

/** A bug of ours after the upstream's answer came: the caller was told of the bug, not of what became of its request. */
function lostByUs(x: Exchange): UnknownOutcome['reason'] | undefined {
  return x.sent !== 'nothing' && x.answer?.rejection?.code === 'INTERNAL_ERROR' ? 'INTERNAL_ERROR' : undefined;
}

export const outcomes = {
  name: 'outcomes',
  compile: (_config, route, deps) => {
    deps.meter.gauge(coreMetrics.outcomesOpen).with(route.api); // born at 0: an alert on it has something to compare with
    return new Outcomes(deps.observer);
  },
} satisfies Policy<'outcomes', undefined>;
