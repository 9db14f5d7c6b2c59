import type { Attempt, Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Gauge } from '../../core/ports.ts';
import type { Answer, AttemptEnd } from '../../core/stage.ts';
import type { AdaptiveLimit } from './adaptive-limit.ts';
import type { ConcurrencyConfig } from './config.ts';
import { Concurrency, Place } from './fixed-stage.ts';
import { concurrencyMetrics } from './metrics.ts';
import type { Places } from './places.ts';
import type { Departure, Return } from './trial.ts';

class AdaptivePlace extends Place implements Departure {
  /** Its answer has not begun. */
  waiting = false;
  load = 0;
  period = 0;
}

/** The same where the limit follows the upstream: it is told of every answer that begins. */
export class AdaptiveConcurrency extends Concurrency {
  readonly #adaptive: AdaptiveLimit;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #limit: Gauge;
  #shown: number;

  constructor(config: ConcurrencyConfig, route: RouteSpec, deps: Deps, places: Places, adaptive: AdaptiveLimit) {
    super(config, route, deps, places, adaptive);
    this.#adaptive = adaptive;
    this.#clock = deps.clock;
    this.#most = config.limit;
    this.#limit = deps.meter.gauge(concurrencyMetrics.limit).with(route.api);
    this.#shown = Math.min(this.#most, adaptive.limit);
    this.#limit.set(this.#shown);
  }

  override open(): AdaptivePlace {
    return new AdaptivePlace();
  }

  onResponse(_x: Exchange, t: Attempt, answer: Answer, place: AdaptivePlace): Answer {
    const { sentAt } = t;
    // What took long to be sent says how fast the caller is; what has failed may have failed fast.
    if (sentAt !== undefined) {
      if (answer.rejection?.code === 'UPSTREAM_TIMEOUT') this.#tell(this.#clock.monotonicMs() - sentAt, place, 'timed_out');
      else if (answer.status < 500 && t.headAt !== undefined) this.#tell(t.headAt - sentAt, place, 'answered');
    }
    this.#back(place);
    this.places.serve();
    return answer;
  }

  override onFinish(x: Exchange, t: Attempt, end: AttemptEnd, place: AdaptivePlace): void {
    this.#back(place);
    super.onFinish(x, t, end, place);
  }

  protected override began(place: AdaptivePlace): void {
    super.began(place);
    place.waiting = true;
    place.load = this.#adaptive.waiting;
    place.period = this.#adaptive.period;
  }

  #back(place: AdaptivePlace): void {
    if (!place.waiting) return;
    place.waiting = false;
    this.#adaptive.back(place);
  }

  #tell(ms: number, place: AdaptivePlace, how: Return): void {
    this.#adaptive.sample(ms, place, how, this.#most);
    const limit = Math.min(this.#most, this.#adaptive.limit);
    if (limit === this.#shown) return;
    this.#shown = limit;
    this.#limit.set(limit);
  }
}
