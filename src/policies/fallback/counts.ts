import { Children, bornAtLoad } from '../../core/children.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import { fallbackMetrics } from './metrics.ts';

interface Series {
  readonly stale: Counter;
  readonly static: Counter;
}

/** Fallbacks by operation; the contract bounds them. */
export class Counts {
  readonly #series: Children<Series>;

  constructor(route: RouteSpec, meter: Meter) {
    const family = meter.counter(fallbackMetrics.fallbacks);
    const of = (operation: string, kind: keyof Series): Counter => family.with(route.api, operation, kind);
    this.#series = new Children((operation) => ({ stale: of(operation, 'stale'), static: of(operation, 'static') }));
    for (const { id } of bornAtLoad(route)) this.#series.get(id);
  }

  of(operation: string): Series {
    return this.#series.get(operation);
  }
}
