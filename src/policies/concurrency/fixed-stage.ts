import type { Attempt, Exchange } from '../../core/exchange.ts';
import { coreMetrics } from '../../core/metrics.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Gauge, Timers } from '../../core/ports.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type AttemptEnd, type AttemptStage, type Maybe, refuse } from '../../core/stage.ts';
import type { ConcurrencyConfig } from './config.ts';
import { concurrencyMetrics } from './metrics.ts';
import type { Bound, Line, Places } from './places.ts';

/** What a try has of the upstream's places. */
export class Place {
  held = false;
}

/** A limit on the tries at an upstream, with a short queue (CC-1). A place is held to the last byte. */
export class Concurrency implements AttemptStage<Place> {
  readonly name = 'concurrency';
  readonly skipsUpgrades = true as const;
  protected readonly places: Places;
  readonly #line: Line;
  readonly #queueTimeoutMs: number;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #inUse: Gauge;
  readonly #full: Counter;
  readonly #late: Counter;

  constructor(config: ConcurrencyConfig, { api }: RouteSpec, { clock, timers, meter }: Deps, places: Places, bound: Bound | undefined) {
    this.places = places;
    this.#line = places.line(config.limit, config.queue, bound);
    this.#queueTimeoutMs = config.queueTimeoutMs;
    this.#clock = clock;
    this.#timers = timers;
    this.#inUse = meter.gauge(concurrencyMetrics.inUse).with(api);
    const shed = meter.counter(coreMetrics.shed);
    this.#full = shed.with(api, 'queue_full');
    this.#late = shed.with(api, 'queue_timeout');
  }

  open(): Place {
    return new Place();
  }

  onRequest(x: Exchange, t: Attempt, place: Place): Maybe<Answer | undefined> {
    if (!this.#line.enter()) return this.#wait(x, t, place);
    this.began(place);
    return undefined;
  }

  onFinish(_x: Exchange, _t: Attempt, _end: AttemptEnd, place: Place): void {
    if (!place.held) return;
    place.held = false;
    this.#inUse.dec();
    this.places.release();
  }

  /** The place is taken. */
  protected began(place: Place): void {
    place.held = true;
    this.#inUse.inc();
  }

  /** Whoever is given up meanwhile leaves the queue; what to answer then, the pipeline knows. */
  #wait(x: Exchange, t: Attempt, place: Place): Maybe<Answer | undefined> {
    const line = this.#line;
    let over: (answer: Answer | undefined) => void = () => undefined;
    const waiter = line.wait(() => {
      this.began(place);
      over(undefined);
    });
    if (waiter === undefined) {
      this.#full.inc();
      return QUEUE_FULL;
    }
    const from = this.#clock.monotonicMs();
    return new Promise((resolve) => {
      let withdraw = (): void => undefined;
      const timer = this.#timers.after(this.#queueTimeoutMs, () => {
        line.leave(waiter);
        this.#late.inc();
        over(QUEUE_TIMEOUT);
      });
      over = (answer) => {
        timer.cancel();
        withdraw();
        x.waitedMs += this.#clock.monotonicMs() - from;
        resolve(answer);
      };
      withdraw = t.onCancel(() => {
        line.leave(waiter);
        over(undefined);
      });
    });
  }
}

const AGAIN = { headers: ['Retry-After', '1'] };
const QUEUE_FULL = refuse(rejection('CONCURRENCY_LIMIT', 'as many requests are at the upstream as may be, and as many wait', AGAIN));
const QUEUE_TIMEOUT = refuse(rejection('CONCURRENCY_LIMIT', 'no place at the upstream became free in time', AGAIN));
