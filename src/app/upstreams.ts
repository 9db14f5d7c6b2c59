import type { PoolUsage } from '../adapters/http1/client/pool.ts';
import type { RouteSettings } from '../config/settings.ts';
import type { Upstream } from '../core/ports.ts';

/** What a pool of connections to one upstream is made of; routes that want the same share one. */
export interface PoolOptions {
  /** `http://host:port`. */
  readonly origin: string;
  readonly connections: number;
  readonly idleMs: number;
  readonly connectMs: number;
}

export interface Pool extends Upstream {
  readonly usage: PoolUsage;

  /** Ends idle connections at once, busy ones when their answer is here. */
  close(): Promise<void>;
  /** Ends everything at once; whoever still waits for an answer hears of it. */
  destroy(): Promise<void>;
}

interface Shared {
  readonly key: string;
  readonly origin: string;
  readonly pool: Pool;
  /** How many generations use it. */
  users: number;
}

/** Connection pools, shared by the routes of a generation and by generations: a pool lives as long as one of them needs it. */
export class Upstreams {
  readonly #make: (options: PoolOptions) => Pool;
  readonly #pools = new Map<string, Shared>();
  /** Closed, with answers still on their way. */
  readonly #closing = new Set<Pool>();

  constructor(make: (options: PoolOptions) => Pool) {
    this.#make = make;
  }

  /** What one generation uses. */
  lease(): Lease {
    const held = new Map<string, Shared>();
    return {
      of: (route) => {
        const options = optionsOf(route);
        const key = JSON.stringify(options);
        let shared = held.get(key);
        if (shared === undefined) {
          shared = this.#hold(key, options);
          held.set(key, shared);
        }
        return shared.pool;
      },
      release: () => {
        for (const shared of held.values()) this.#release(shared);
        held.clear();
      },
    };
  }

  /** By origin, over all pools that are open. */
  usage(): ReadonlyMap<string, PoolUsage> {
    const sums = new Map<string, PoolUsage>();
    for (const { origin, pool } of this.#pools.values()) {
      const { connections, idle, waiting } = pool.usage;
      const sum = sums.get(origin) ?? NONE;
      sums.set(origin, { connections: sum.connections + connections, idle: sum.idle + idle, waiting: sum.waiting + waiting });
    }
    return sums;
  }

  /** Ends every connection. */
  async destroy(): Promise<void> {
    const all = [...[...this.#pools.values()].map(({ pool }) => pool), ...this.#closing];
    this.#pools.clear();
    await Promise.all(all.map((pool) => pool.destroy()));
  }

  #hold(key: string, options: PoolOptions): Shared {
    let shared = this.#pools.get(key);
    if (shared === undefined) {
      shared = { key, origin: options.origin, pool: this.#make(options), users: 0 };
      this.#pools.set(key, shared);
    }
    shared.users += 1;
    return shared;
  }

  #release(shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    const { key, pool } = shared;
    if (this.#pools.get(key) === shared) this.#pools.delete(key);
    this.#closing.add(pool);
    const over = (): void => void this.#closing.delete(pool);
    // What fails in ending connections is of no consequence any more: each has told its own exchange.
    pool.close().then(over, over);
  }
}

const NONE: PoolUsage = Object.freeze({ connections: 0, idle: 0, waiting: 0 });

export interface Lease {
  of(route: RouteSettings): Upstream;
  /** All exchanges of the generation are over. */
  release(): void;
}

function optionsOf({ upstream, policies }: RouteSettings): PoolOptions {
  const { url, connections, idleMs } = upstream;
  return { origin: url, connections, idleMs, connectMs: policies.deadline.connectMs };
}
