import type { Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Answer, Maybe, Policy, Stage } from '../../core/stage.ts';
import type { RateLimitConfig } from './config.ts';
import { Decisions } from './decisions.ts';
import { LimitFields } from './limit-fields.ts';
import { type Asked, LimitGroup } from './limit-group.ts';
import { QueueingRateLimit } from './queueing-stage.ts';
import { NOT_COUNTED, overLimit } from './refusals.ts';

/** Lets pass or refuses (RL-1..4). With a store in memory nothing waits. */
class RateLimit implements Stage {
  readonly name = 'rateLimit';
  readonly #limits: readonly RateLimitConfig[];
  readonly #group: LimitGroup;
  readonly #fields: LimitFields;
  readonly #decisions: Decisions;

  constructor(limits: readonly RateLimitConfig[], route: RouteSpec, deps: Deps) {
    this.#limits = limits;
    this.#group = new LimitGroup(limits, route, deps);
    this.#fields = new LimitFields(limits);
    this.#decisions = new Decisions(limits, route, deps.meter);
  }

  onRequest(x: Exchange): Maybe<Answer | undefined> {
    const asked = this.#group.ask(this.#group.keys(x));
    return asked instanceof Promise ? asked.then((late) => this.#decide(x, late)) : this.#decide(x, asked);
  }

  #decide(x: Exchange, asked: Asked | 'unavailable'): Answer | undefined {
    const consumer = x.consumer.name;
    if (asked === 'unavailable') {
      this.#decisions.unasked(consumer);
      return NOT_COUNTED;
    }
    this.#fields.tell(x, asked);
    const refusing = this.#group.refusing(asked);
    if (refusing < 0) {
      this.#decisions.passed(asked, consumer);
      return undefined;
    }
    this.#decisions.stopped(asked, consumer);
    return overLimit(this.#limits, asked, refusing);
  }

  onResponse(x: Exchange, answer: Answer): Answer {
    this.#fields.join(x, answer.headers);
    return answer;
  }
}

export const rateLimit = {
  name: 'rateLimit',
  compile: (limits, route, deps) =>
    limits.some(({ mode }) => mode === 'queue') ? new QueueingRateLimit(limits, route, deps) : new RateLimit(limits, route, deps),
} satisfies Policy<'rateLimit', readonly RateLimitConfig[]>;
