import type { Deps } from '../core/policy.ts';
import type { Clock, Random, Timers, Tracer } from '../core/ports.ts';
import { violationObserver } from '../observation/violation-observer.ts';
import type { Observability } from './observability.ts';

export interface DepsParts extends Observability {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly overloaded: () => boolean;
  /** Asked when a route is compiled: by then it is open, where there is one. */
  readonly tracer: () => Tracer | undefined;
}

/** What policies of every generation are compiled with. `live` keeps what outlives them. */
export function policyDeps({ prometheus, logger, accessLog, violations, clock, timers, random, overloaded, tracer }: DepsParts): Deps {
  const live = new Map<string, unknown>();
  return {
    clock,
    timers,
    random,
    meter: prometheus.meter,
    logger,
    accessLog,
    observer: violationObserver(violations, clock),
    get tracer() {
      return tracer();
    },
    overloaded,
    live: <T>(key: string, make: () => T): T => {
      if (!live.has(key)) live.set(key, make());
      return live.get(key) as T;
    },
  };
}
