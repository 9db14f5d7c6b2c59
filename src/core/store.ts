import type { Maybe } from './stage.ts';

/** What goes into a script, and what memory keeps of it. */
export type StoreValue = string | number | Uint8Array;

/** A record as memory keeps it. Replaced whole, never changed in place. */
export interface StoreRecord {
  readonly fields: Readonly<Record<string, StoreValue>>;
  /** Instant on the store's own clock, milliseconds, from which it is not there any more. */
  readonly expiresAt: number;
  /** It must not make room for others before it expires: somebody relies on it at this moment. */
  readonly pinned?: boolean;
}

/** What records are for: `limits` is what rate limits count, `idempotency` what is known of keys. */
export type StoreSpace = 'limits' | 'idempotency';

/** The records of one space, as the memory form of a script sees them. */
export interface StoreRecords {
  /** Undefined where there is none, or where it has expired. */
  get(key: string): StoreRecord | undefined;
  /** False: there is no room (everything that is there is pinned): what was there under this key stays as it was. */
  set(key: string, record: StoreRecord): boolean;
  delete(key: string): void;
}

/**
 * Something that happens at once, or not at all, to a few records: once as Lua for Redis, once as a function for memory. Both must
 * say the same for the same history (tested against a real Redis). Owned by the policy that needs it.
 */
export interface StoreScript<R> {
  /** `space.what`: label in metrics. */
  readonly name: string;
  /** Records of one space make room for each other only, and are bounded together. */
  readonly space: StoreSpace;
  /**
   * KEYS are the keys with the store's prefix, ARGV the values as strings; time is `redis.call('TIME')`, never an argument. Replies must
   * not hold fractions (Redis cuts them off): send those as strings.
   */
  readonly lua: string;
  /** `nowMs`: the store's own clock, monotonic, with fractions. */
  readonly local: (records: StoreRecords, keys: readonly string[], values: readonly StoreValue[], nowMs: number) => R;
  /** Reads Redis' reply. Undefined where it is not what the script returns: then the store counts as unavailable. Byte strings come as Buffer. */
  readonly read: (reply: unknown) => R | undefined;
}

/**
 * Where what several requests, or several replicas, must agree on is kept. In memory it answers at once, so that nothing waits; in
 * Redis within its budget of time.
 */
export interface Store {
  /**
   * `unavailable`: at once, it was not asked, and nothing has run; by a promise, no answer came within the budget, and it may have run all
   * the same: what must not be left behind then is to be undone through `later`.
   */
  run<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): Maybe<R | 'unavailable'>;
  /** Runs it as soon as the store can be reached, in this order; a bounded number wait, the oldest are given up and counted. Never throws. */
  later<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): void;
  /** Processes that share it, this one included; 1 in memory. */
  replicas(): number;
}
