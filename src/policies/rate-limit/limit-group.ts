import type { Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Maybe } from '../../core/stage.ts';
import type { Store, StoreValue } from '../../core/store.ts';
import type { RateLimitConfig } from './config.ts';
import { type Limit, shareOf } from './gcra.ts';
import { LimitKey } from './limit-key.ts';
import { type Taken, takeScript, takingValues } from './take-script.ts';

/** The numbers that limits are held to: all of them, or this process's share while the shared store is away. */
export interface Numbers {
  readonly limits: readonly Limit[];
  readonly values: readonly StoreValue[];
  readonly degraded: boolean;
}

/** What limits said of one request. */
export interface Asked {
  /** In the order of the limits. */
  readonly taken: readonly Taken[];
  readonly numbers: Numbers;
}

const NOTHING_USED: Taken = Object.freeze({ allowed: true, level: 0 });

/** Limits that are asked together: all of them before any is charged (RL-1). */
export class LimitGroup {
  readonly limits: readonly RateLimitConfig[];
  readonly #keys: readonly LimitKey[];
  readonly #store: Store;
  readonly #localStore: Store;
  readonly #whole: Numbers;
  readonly #refusesWithoutStore: boolean;
  /** That of as many replicas as there were when it was last needed. */
  #share: { readonly replicas: number; readonly numbers: Numbers } | undefined = undefined;

  constructor(limits: readonly RateLimitConfig[], route: RouteSpec, { store, localStore }: Pick<Deps, 'store' | 'localStore'>) {
    this.limits = limits;
    this.#keys = limits.map((limit) => new LimitKey(route.name, limit));
    this.#store = store;
    this.#localStore = localStore;
    this.#whole = this.#numbers(limits.map(limitOf), false);
    this.#refusesWithoutStore = limits.some(({ onStoreError, shadow }) => onStoreError === 'refuse' && !shadow);
  }

  /** One for each limit, in their order. */
  keys(x: Exchange): readonly string[] {
    const keys: string[] = [];
    for (const key of this.#keys) keys.push(key.of(x));
    return keys;
  }

  /** At once with a store in memory. `unavailable`: the shared store is away, and a limit wants nothing let through then (RL-3). */
  ask(keys: readonly string[]): Maybe<Asked | 'unavailable'> {
    const taken = this.#store.run(takeScript, keys, this.#whole.values);
    return taken instanceof Promise ? taken.then((late) => this.#heard(late, keys)) : this.#heard(taken, keys);
  }

  /** The first limit that stops the request; -1 where none does. */
  refusing({ taken }: Asked): number {
    for (let i = 0; i < taken.length; i++) if (!(taken[i] as Taken).allowed && !(this.limits[i] as RateLimitConfig).shadow) return i;
    return -1;
  }

  /** What was charged by `ask` for a request that is not let through after all. */
  giveBack(keys: readonly string[], { taken, numbers }: Asked): void {
    const back = numbers.limits.map((limit, i) => ({ ...limit, cost: taken[i]?.allowed === true ? -1 : 0, shadow: true }));
    const store = numbers.degraded ? this.#localStore : this.#store;
    store.later(takeScript, keys, takingValues(back));
  }

  #heard(taken: readonly Taken[] | 'unavailable', keys: readonly string[]): Maybe<Asked | 'unavailable'> {
    if (taken !== 'unavailable' && taken.length === keys.length) return { taken, numbers: this.#whole };
    return this.#refusesWithoutStore ? 'unavailable' : this.#askLocally(keys);
  }

  #askLocally(keys: readonly string[]): Maybe<Asked> {
    const numbers = this.#shareNow();
    const taken = this.#localStore.run(takeScript, keys, numbers.values);
    const heard = (late: readonly Taken[] | 'unavailable'): Asked => ({
      taken: late === 'unavailable' ? keys.map(() => NOTHING_USED) : late,
      numbers,
    });
    return taken instanceof Promise ? taken.then(heard) : heard(taken);
  }

  #shareNow(): Numbers {
    const replicas = Math.max(1, this.#store.replicas());
    if (this.#share?.replicas !== replicas) {
      const numbers = this.#numbers(
        this.#whole.limits.map((limit) => shareOf(limit, replicas)),
        true,
      );
      this.#share = { replicas, numbers };
    }
    return this.#share.numbers;
  }

  #numbers(limits: readonly Limit[], degraded: boolean): Numbers {
    const values = takingValues(limits.map((limit, i) => ({ ...limit, cost: 1, shadow: (this.limits[i] as RateLimitConfig).shadow })));
    return { limits, values, degraded };
  }
}

export function limitOf({ rate, perMs, burst }: RateLimitConfig): Limit {
  return { intervalMs: perMs / rate, burst };
}
