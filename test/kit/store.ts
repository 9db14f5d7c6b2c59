import type { Maybe } from '../../src/core/stage.ts';
import type { Store, StoreRecord, StoreRecords, StoreScript, StoreValue } from '../../src/core/store.ts';
import type { FakeClock } from './clock.ts';

/** A store of one space for all, without bounds, that is slow or away when a test says so. */
export class FakeStore implements Store {
  /** `sync`: answers at once, as memory does; `async`: in a later turn, as Redis does; `away`: has no answer; `down`: says at once that it has none. */
  mode: 'sync' | 'async' | 'away' | 'down' = 'sync';
  replicaCount = 1;
  readonly records = new Map<string, StoreRecord>();
  /** Names of the scripts that ran, in order. */
  readonly ran: string[] = [];
  /** What waits for the store to come back. */
  readonly waiting: Array<() => void> = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  replicas(): number {
    return this.replicaCount;
  }

  run<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): Maybe<R | 'unavailable'> {
    if (this.mode === 'down') return 'unavailable';
    if (this.mode === 'away') return Promise.resolve('unavailable');
    return this.mode === 'sync' ? this.#run(script, keys, values) : Promise.resolve().then(() => this.#run(script, keys, values));
  }

  later<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): void {
    if (this.mode === 'away' || this.mode === 'down') this.waiting.push(() => void this.#run(script, keys, values));
    else this.#run(script, keys, values);
  }

  /** The store can be reached again: what waited runs. */
  back(mode: 'sync' | 'async' = 'sync'): void {
    this.mode = mode;
    for (const run of this.waiting.splice(0)) run();
  }

  #run<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): R {
    this.ran.push(script.name);
    const nowMs = this.#clock.monotonicMs();
    const records: StoreRecords = {
      get: (key) => {
        const record = this.records.get(key);
        return record === undefined || record.expiresAt <= nowMs ? undefined : record;
      },
      set: (key, record) => {
        this.records.set(key, record);
        return true;
      },
      delete: (key) => void this.records.delete(key),
    };
    return script.local(records, keys, values, nowMs);
  }
}
