import type { Gauge } from '../../core/ports.ts';
import type { RedisScript } from './scripts.ts';

/** How often a process says that it is there, milliseconds. */
export const BEAT_MS = 5000;
/** After such a silence it no longer counts (RL-3). */
const SILENCE_MS = 15_000;

/** KEYS: the set. ARGV: who we are. Returns how many there are. The server's clock alone counts. */
export const beat: RedisScript<number> = {
  name: 'replicas.beat',
  lua: `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${SILENCE_MS})
redis.call('PEXPIRE', KEYS[1], ${4 * SILENCE_MS})
return redis.call('ZCARD', KEYS[1])`,
  read: (reply) => (Number.isSafeInteger(reply) && (reply as number) > 0 ? (reply as number) : undefined),
};

/** The same set: we are gone. */
export const leave: RedisScript<number> = {
  name: 'replicas.leave',
  lua: `return redis.call('ZREM', KEYS[1], ARGV[1])`,
  read: (reply) => (reply === 0 || reply === 1 ? reply : undefined),
};

/** How many processes share the store, as far as is known. */
export class Replicas {
  readonly #gauge: Gauge;
  #count = 1;
  #growsUntil = Number.NEGATIVE_INFINITY;

  constructor(gauge: Gauge, count: number) {
    this.#gauge = gauge;
    this.#set(count);
  }

  get count(): number {
    return this.#count;
  }

  heard(count: number, nowMs: number): void {
    this.#set(nowMs < this.#growsUntil ? Math.max(count, this.#count) : count);
  }

  /**
   * Redis is away, and may be empty when it is back. Who could not say that he is there has not gone: until everybody has had the time
   * to say it again, the number only grows.
   */
  lost(nowMs: number): void {
    this.#growsUntil = nowMs + SILENCE_MS;
  }

  #set(count: number): void {
    this.#count = count;
    this.#gauge.set(count);
  }
}
