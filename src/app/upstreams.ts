import { UndiciUpstream } from '../adapters/undici-upstream/upstream.ts';
import type { RouteSettings } from '../config/settings.ts';
import type { Clock } from '../core/ports.ts';

/** Connection pools, shared by routes that want the same of one upstream. */
export class Upstreams {
  readonly #clock: Clock;
  readonly #pools = new Map<string, UndiciUpstream>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of({ upstream, policies }: RouteSettings): UndiciUpstream {
    const { connectMs } = policies.deadline;
    const key = JSON.stringify([upstream.url, upstream.connections, upstream.idleMs, connectMs]);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      const { url, connections, idleMs } = upstream;
      pool = new UndiciUpstream({ origin: url, connections, idleMs, connectMs }, this.#clock.monotonicMs);
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Ends every connection; whoever still waits for an answer hears of it. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }
}
