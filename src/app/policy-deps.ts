import type { Deps } from '../core/policy.ts';
import type { BodyDecoder, CheckPool } from '../core/body-checking.ts';
import type { Keys } from '../core/keys.ts';
import type { Clock, Load, Random, Timers, Tracer } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import { contractSkewObserver } from '../observation/contract-skews.ts';
import { lostUpdateObserver } from '../observation/lost-updates.ts';
import { violationObserver } from '../observation/violation-observer.ts';
import type { Observability } from './observability.ts';

export interface DepsParts extends Observability {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly overloaded: () => boolean;
  readonly load: Load;
  readonly decoder: BodyDecoder;
  readonly checkPool: CheckPool;
  readonly keys: Keys;
  readonly localStore: Store;
  /** Asked when a route is compiled: by then it is open. */
  readonly store: () => Store;
  /** Asked when a route is compiled: by then it is open, where there is one. */
  readonly tracer: () => Tracer | undefined;
}

/** What policies of every generation are compiled with; what outlives them is lent to each generation by itself. */
export function policyDeps(parts: DepsParts): Omit<Deps, 'live'> {
  const {
    prometheus,
    logger,
    accessLog,
    violations,
    outcomes,
    findings,
    clock,
    timers,
    random,
    overloaded,
    load,
    localStore,
    store,
    tracer,
    decoder,
    checkPool,
    keys,
  } = parts;
  return {
    clock,
    timers,
    random,
    meter: prometheus.meter,
    logger,
    accessLog,
    observer: {
      ...violationObserver(violations, clock),
      unknownOutcome: (x, outcome) => outcomes.unknownOutcome(x, outcome),
      outcomeKnown: (answer) => outcomes.outcomeKnown(answer),
      ...lostUpdateObserver(findings),
      ...contractSkewObserver(findings),
      wantsDrift: findings.wantsDrift,
      drift: (x, found) => findings.drift(x, found),
    },
    get tracer() {
      return tracer();
    },
    overloaded,
    load,
    decoder,
    checkPool,
    keys,
    localStore,
    get store() {
      return store();
    },
  };
}
