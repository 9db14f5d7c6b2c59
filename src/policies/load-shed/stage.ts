import { coreMetrics } from '../../core/metrics.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Load, Random } from '../../core/ports.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type Policy, type Stage, refuse } from '../../core/stage.ts';
import type { LoadShedConfig } from './config.ts';
import { LagPressure } from './lag-pressure.ts';

/** Refuses new requests when the gateway itself has too much to do (LS-1). What already runs is never touched. */
class LoadShed implements Stage<void> {
  readonly name = 'loadShed';
  readonly #config: LoadShedConfig;
  readonly #load: Load;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #pressure: LagPressure;
  readonly #forLag: Counter;
  readonly #forInFlight: Counter;

  constructor(config: LoadShedConfig, route: RouteSpec, deps: Deps) {
    this.#config = config;
    this.#load = deps.load;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#pressure = deps.live(`loadShed:${route.name}`, () => new LagPressure());
    const shed = deps.meter.counter(coreMetrics.shed);
    this.#forLag = shed.with(route.api, 'lag');
    this.#forInFlight = shed.with(route.api, 'in_flight');
  }

  onRequest(): Answer | undefined {
    if (this.#load.inFlight() >= this.#config.inFlight) {
      this.#forInFlight.inc();
      return TOO_MANY;
    }
    const share = this.#pressure.share(this.#load.lagMs(), this.#config.eventLoopLagMs, this.#clock.monotonicMs());
    if (share <= 0 || this.#random.unit() >= share) return undefined;
    this.#forLag.inc();
    return BEHIND;
  }
}

const RETRY = { headers: ['Retry-After', '1'] };
const TOO_MANY = refuse(rejection('OVERLOADED', 'the gateway has too many requests in flight', RETRY));
const BEHIND = refuse(rejection('OVERLOADED', 'the gateway cannot keep up', RETRY));

export const loadShed = {
  name: 'loadShed',
  compile: (config, route, deps) => new LoadShed(config, route, deps),
} satisfies Policy<'loadShed', LoadShedConfig>;
