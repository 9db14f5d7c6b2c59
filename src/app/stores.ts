import { MemoryStore } from '../adapters/memory-store/memory-store.ts';
import type { RedisStore } from '../adapters/redis-store/redis-store.ts';
import type { Settings, StoreSettings } from '../config/settings.ts';
import type { FindingShare } from '../core/findings.ts';
import type { Clock, Logger, Meter, Random } from '../core/ports.ts';
import type { Store } from '../core/store.ts';

/** What the process keeps for itself where replicas share the rest: what is counted while that is away. */
const LOCAL_BYTES = 64 * 1024 * 1024;

export interface StoresDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
}

/** The stores of a process, as `store` is configured. */
export class Stores {
  readonly #settings: StoreSettings;
  readonly #deps: StoresDeps;
  readonly local: MemoryStore;
  #redis: RedisStore | undefined = undefined;

  constructor({ store }: Settings, deps: StoresDeps) {
    this.#settings = store;
    this.#deps = deps;
    const { clock, meter } = deps;
    this.local = new MemoryStore({ maxBytes: store.kind === 'memory' ? store.maxBytes : LOCAL_BYTES, clock, meter });
  }

  /** Once it is open. */
  get shared(): Store {
    return this.#redis ?? this.local;
  }

  /** Where replicas share at most `limit` findings; undefined where they share nothing. Once it is open. */
  findings(limit: number): FindingShare | undefined {
    return this.#redis?.findings(limit);
  }

  /** Connects where there is something to connect to. Never rejects because that is away. */
  async open(): Promise<void> {
    if (this.#settings.kind === 'memory') return;
    const { openRedisStore } = await import('../adapters/redis-store/redis-store.ts');
    this.#redis = await openRedisStore({ ...this.#settings, ...this.#deps });
  }

  /** Before a scrape. */
  publish(): void {
    this.local.publish();
    this.#redis?.publish();
  }

  /** Takes a second at most. */
  async close(): Promise<void> {
    await this.#redis?.close();
  }
}
