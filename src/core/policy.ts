import type { Contract } from './contract.ts';
import type { BodyDecoder, CheckPool } from './body-checking.ts';
import type { Keys } from './keys.ts';
import type { AccessLog, Clock, Load, Logger, Meter, Observer, Random, Timers, Tracer } from './ports.ts';
import type { Store } from './store.ts';

/** A route as its policies see it when they are compiled. */
export interface RouteSpec {
  /** Name in the configuration; `_none` for the route of requests that match none. */
  readonly name: string;
  readonly listener: string;
  readonly direction: 'ingress' | 'egress';
  /** The contract's name, without one the route's; the label `api`. */
  readonly api: string;
  /** What `operation` says where no operation is known: `_unmatched`, or `_none` without a route. */
  readonly unmatchedOperation: string;
  readonly contract: Contract | undefined;
  /** The contract is configured but could not be loaded, and `onError: proxy` lets traffic pass (skipped{no_contract}). */
  readonly contractMissing: boolean;
  /** Origin of the upstream, `http://host:port`. */
  readonly upstream: string;
}

/** What a policy is given when it is compiled. Everything that outlives a generation comes through `live`. */
export interface Deps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly accessLog: AccessLog;
  readonly observer: Observer;
  /** Undefined where no spans are exported: then nothing is spent on them. */
  readonly tracer: Tracer | undefined;
  /** The process has no time to spare: what observes is skipped, and says so (product, promise 1). */
  readonly overloaded: () => boolean;
  /** How much the process has to do. */
  readonly load: Load;
  readonly decoder: BodyDecoder;
  readonly checkPool: CheckPool;
  /** Keys of issuers, for tokens that are verified. */
  readonly keys: Keys;
  /** What replicas share, as `store` is configured; in memory it is `localStore`. */
  readonly store: Store;
  /** This process's own, in memory: what is counted here while the shared one is away. */
  readonly localStore: Store;
  /**
   * State that outlives a reload (permits, breakers, counters), keyed by policy, route and upstream. It goes when no configuration that is in force, or
   * that an exchange began with, asked for it; where it has `Symbol.dispose`, that is called then.
   */
  live<T>(key: string, make: () => T): T;
}
