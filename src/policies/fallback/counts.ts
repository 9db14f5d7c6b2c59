import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import { fallbackMetrics } from './metrics.ts';

interface Series {
  readonly stale: Counter;
  readonly static: Counter;
}

/** An operation's series are born at load where the contract has no more than this many operations. */
const BORN_AT_LOAD = 50;

/** Fallbacks by operation; the contract bounds them. */
export class Counts {
  readonly #series = new Map<string, Series>();
  readonly #make: (operation: string) => Series;

  constructor({ api, contract }: RouteSpec, meter: Meter) {
    const family = meter.counter(fallbackMetrics.fallbacks);
    this.#make = (operation) => ({ stale: family.with(api, operation, 'stale'), static: family.with(api, operation, 'static') });
    const operations = contract?.operations ?? [];
    if (operations.length <= BORN_AT_LOAD) for (const { id } of operations) this.of(id);
  }

  of(operation: string): Series {
    const known = this.#series.get(operation);
    if (known !== undefined) return known;
    const made = this.#make(operation);
    this.#series.set(operation, made);
    return made;
  }
}
