import type { KeySet, KnownKeys } from '../../core/keys.ts';
import type { Clock, Timers } from '../../core/ports.ts';
import type { Maybe } from '../../core/stage.ts';
import type { Fetched } from './fetch.ts';
import { type SigningKeys, readKeys } from './read-keys.ts';

/** Where the endpoint says nothing that could be used. */
const FRESH_MS = 10 * 60_000;
/** Bounds for what it says: a key that was withdrawn is not believed for longer. */
const SHORTEST_MS = 60_000;
const LONGEST_MS = 60 * 60_000;
/** Keys are better than none while the endpoint is away, for so long. */
const KEEP_MS = 24 * 60 * 60_000;
/** What callers may make the gateway ask: a token can name any `kid`. */
const COOLDOWN_MS = 10_000;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 30_000;
/** The longest that anybody waits for a fetch, from its beginning. */
const WAIT_MS = 2000;

export interface KeySetParts {
  readonly clock: Clock;
  readonly timers: Timers;
  fetch(signal: AbortSignal): Promise<Fetched>;
  onFetched(keys: number): void;
  onFailed(reason: string): void;
  onClosed(): void;
}

class Known implements KnownKeys {
  readonly version: number;
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  /** Monotonic instants. */
  readonly freshUntil: number;
  readonly usableUntil: number;

  constructor(version: number, keys: SigningKeys, clock: Clock, fetchedAt: number, freshMs: number) {
    this.version = version;
    this.#keys = keys;
    this.#clock = clock;
    this.freshUntil = fetchedAt + freshMs;
    this.usableUntil = fetchedAt + KEEP_MS;
  }

  get stale(): boolean {
    return this.#clock.monotonicMs() >= this.freshUntil;
  }

  has(kid: string): boolean {
    return this.#keys.has(kid);
  }

  find(alg: string, kid: string | undefined): ReturnType<KnownKeys['find']> {
    return this.#keys.find(alg, kid);
  }
}

/**
 * Keys that are fetched when they are needed: at once, again in the background when they have gone stale, and when a token names one that is not
 * there. One fetch at a time; while the endpoint is known to be away nobody waits for it.
 */
export class FetchedKeys implements KeySet {
  readonly #parts: KeySetParts;
  readonly #closing = new AbortController();
  #known: Known | undefined = undefined;
  #failures = 0;
  /** Monotonic instant before which no fetch begins. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Settled when the fetch has ended, or has taken too long to be waited for. */
  #running: Promise<void> | undefined = undefined;

  constructor(parts: KeySetParts) {
    this.#parts = parts;
    this.#begin(parts.clock.monotonicMs());
  }

  current(): Maybe<KnownKeys | 'unavailable'> {
    const now = this.#parts.clock.monotonicMs();
    const known = this.#known;
    if (known !== undefined && now < known.usableUntil) {
      if (now >= known.freshUntil) this.#begin(now);
      return known;
    }
    return this.#awaited(now, known?.version ?? 0);
  }

  newer(version: number): Maybe<KnownKeys | 'same' | 'unavailable'> {
    const now = this.#parts.clock.monotonicMs();
    const known = this.#known;
    if (known !== undefined && known.version > version) return known;
    if (this.#failures === 0 && this.#running === undefined && now < this.#notBefore) return 'same';
    return this.#awaited(now, version);
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#parts.onClosed();
  }

  #awaited(now: number, version: number): Maybe<KnownKeys | 'unavailable'> {
    this.#begin(now);
    if (this.#running === undefined || this.#failures > 0) return 'unavailable';
    return this.#running.then(() => (this.#known !== undefined && this.#known.version > version ? this.#known : 'unavailable'));
  }

  #begin(now: number): void {
    if (this.#running !== undefined || now < this.#notBefore || this.#closing.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.timers.after(WAIT_MS, resolve);
    this.#running = promise;
    void this.#parts.fetch(this.#closing.signal).then((fetched) => {
      timer.cancel();
      this.#running = undefined;
      if (!this.#closing.signal.aborted) this.#take(fetched, now);
      resolve();
    });
  }

  #take(fetched: Fetched, beganAt: number): void {
    const keys = 'failed' in fetched ? undefined : readKeys(fetched.body);
    if (keys === undefined || 'failed' in fetched) return this.#failed('failed' in fetched ? fetched.failed : 'it is no JSON Web Key Set');
    if (keys.count === 0) return this.#failed('it has no key for signatures');
    this.#known = new Known((this.#known?.version ?? 0) + 1, keys, this.#parts.clock, beganAt, freshMs(fetched));
    this.#failures = 0;
    this.#notBefore = beganAt + COOLDOWN_MS;
    this.#parts.onFetched(keys.count);
  }

  #failed(reason: string): void {
    this.#failures += 1;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), LONGEST_BACKOFF_MS);
    this.#notBefore = this.#parts.clock.monotonicMs() + backoffMs;
    this.#parts.onFailed(reason);
  }
}

/** As Cache-Control says (RFC 9111 §5.2.2.1, §4.2.3), within bounds. */
function freshMs({ cacheControl = '', ageSeconds }: { readonly cacheControl: string | undefined; readonly ageSeconds: number }): number {
  const given = /(?:^|[\s,])max-age="?(\d{1,10})/i.exec(cacheControl)?.[1];
  if (given === undefined || /(?:^|[\s,])no-(?:cache|store)(?:$|[\s,])/i.test(cacheControl)) return FRESH_MS;
  return Math.min(Math.max((Number(given) - ageSeconds) * 1000, SHORTEST_MS), LONGEST_MS);
}
