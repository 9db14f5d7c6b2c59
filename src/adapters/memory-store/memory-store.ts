import type { Clock, Gauge, Meter } from '../../core/ports.ts';
import type { Store, StoreScript, StoreSpace, StoreValue } from '../../core/store.ts';
import { memoryStoreMetrics } from './metrics.ts';
import { Space } from './space.ts';

/**
 * How `store.maxBytes` is divided. What a rate limit counts is small (some 300 bytes a caller) and, where it is forgotten, somebody
 * gets a burst too many; where a key of idempotency is forgotten, something is done twice, and answers of up to 1 MiB are kept there.
 */
const SHARES: Readonly<Record<StoreSpace, number>> = { limits: 1 / 4, idempotency: 3 / 4 };
const SPACES = Object.keys(SHARES) as StoreSpace[];

export interface MemoryStoreOptions {
  /** Of all spaces together. */
  readonly maxBytes: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly meter: Meter;
}

/** A store of this process alone. Answers at once; what is in it is gone with the process. */
export class MemoryStore implements Store {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #spaces: Readonly<Record<StoreSpace, Space>>;
  readonly #shown: ReadonlyArray<{ readonly space: Space; readonly records: Gauge; readonly bytes: Gauge }>;

  constructor({ maxBytes, clock, meter }: MemoryStoreOptions) {
    this.#clock = clock;
    const evictions = meter.counter(memoryStoreMetrics.evictions);
    const refused = meter.counter(memoryStoreMetrics.refused);
    const make = (space: StoreSpace): Space =>
      new Space(Math.floor(maxBytes * SHARES[space]), { evictions: evictions.with(space), refused: refused.with(space) });
    this.#spaces = { limits: make('limits'), idempotency: make('idempotency') };
    const records = meter.gauge(memoryStoreMetrics.records);
    const bytes = meter.gauge(memoryStoreMetrics.bytes);
    this.#shown = SPACES.map((name) => ({ space: this.#spaces[name], records: records.with(name), bytes: bytes.with(name) }));
  }

  run<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): R {
    const nowMs = this.#clock.monotonicMs();
    return script.local(this.#spaces[script.space].at(nowMs), keys, values, nowMs);
  }

  later<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): void {
    this.run(script, keys, values);
  }

  replicas(): number {
    return 1;
  }

  /** Before a scrape. */
  publish(): void {
    for (const { space, records, bytes } of this.#shown) {
      records.set(space.records);
      bytes.set(space.bytes);
    }
  }
}
