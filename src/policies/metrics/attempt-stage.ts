import type { Attempt, Exchange } from '../../core/exchange.ts';
import { statusClass } from '../../core/labels.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Histogram, Meter } from '../../core/ports.ts';
import type { Answer, AttemptEnd, AttemptStage, Policy } from '../../core/stage.ts';
import { Children } from '../../core/children.ts';
import { attemptMetricSpecs } from './metrics.ts';

class Seen {
  answer: Answer | undefined = undefined;
}

/**
 * Every try counts once, when its last byte is here: an answer may still break after its head. How long it took is what the upstream took: the
 * time in a queue of ours is not in it.
 */
class AttemptMetrics implements AttemptStage<Seen> {
  readonly name = 'attemptMetrics';
  readonly #durations: Children<Histogram>;
  readonly #attempts: Children<Counter>;

  constructor({ api }: RouteSpec, meter: Meter) {
    const durations = meter.histogram(attemptMetricSpecs.duration);
    const attempts = meter.counter(attemptMetricSpecs.attempts);
    this.#durations = new Children((key) => {
      const [klass, operation] = key.split('\n') as [string, string];
      return durations.with(api, operation, klass);
    });
    this.#attempts = new Children((key) => {
      const [klass, code, operation] = key.split('\n') as [string, string, string];
      return attempts.with(api, operation, klass, code);
    });
  }

  open(): Seen {
    return new Seen();
  }

  onResponse(_x: Exchange, _t: Attempt, answer: Answer, seen: Seen): Answer {
    seen.answer = answer;
    return answer;
  }

  onFinish(x: Exchange, t: Attempt, end: AttemptEnd, { answer }: Seen): void {
    const left = end === 'client-closed' || answer?.rejection?.code === 'CLIENT_CLOSED';
    const klass = statusClass(left ? 499 : (answer?.status ?? 502));
    const code = left ? 'CLIENT_CLOSED' : (answer?.rejection?.code ?? (end === 'upstream-broken' ? 'UPSTREAM_RESET' : ''));
    this.#attempts.get(`${klass}\n${code}\n${x.operationId}`).inc();
    if (t.headAt === undefined || left) return;
    const exemplar = t.spanId === '' ? undefined : { traceId: x.traceId, spanId: t.spanId };
    this.#durations.get(`${klass}\n${x.operationId}`).observe((t.headAt - (t.askedAt as number)) / 1000, exemplar);
  }
}

export const attemptMetrics = {
  name: 'attemptMetrics',
  compile: (_config, route, deps) => new AttemptMetrics(route, deps.meter),
} satisfies Policy<'attemptMetrics', undefined>;
