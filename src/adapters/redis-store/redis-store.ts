import { hostAndPort } from '../../core/address.ts';
import type { FindingShare } from '../../core/findings.ts';
import type { Clock, Gauge, Logger, Meter, Random } from '../../core/ports.ts';
import type { Maybe } from '../../core/stage.ts';
import type { Store, StoreScript, StoreSpace, StoreValue } from '../../core/store.ts';
import { redisAddress } from './address.ts';
import { type Asked, Call, type Caller } from './call.ts';
import { Deferred } from './deferred.ts';
import { type FaultCode, asksForReconnect } from './faults.ts';
import { EXCHANGE_TIMEOUT_MS, RedisFindings } from './findings/redis-findings.ts';
import { Health } from './health.ts';
import { type Argument, Link } from './link.ts';
import { type Outcome, redisStoreMetrics } from './metrics.ts';
import { BEAT_MS, Replicas, beat, leave } from './replicas.ts';
import { type RedisScript, Scripts } from './scripts.ts';

/** What may be under way at a time; Redis answers in order, so that what comes beyond would wait for longer than its time. */
const MOST_CALLS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** A start waits so long for Redis to be there, so that the first requests find it. */
const START_MS = 1000;
/** And an end for what is still to be said to it. */
const CLOSE_MS = 500;

/**
 * What stands before the keys of a space. A rate limit asks for several keys in one call, which a cluster must have in one place: the braces
 * are what says so there (Redis Cluster specification, "Hash tags"). A key of idempotency is asked for alone, and may lie anywhere.
 */
const SPACES: Readonly<Record<StoreSpace, string>> = { limits: '{limits}', idempotency: 'idempotency' };

export interface RedisStoreOptions {
  /** `redis[s]://[user][:password]@host[:port][/db]`. */
  readonly url: string;
  /** What a call may take. */
  readonly timeoutMs: number;
  /** Before every key. */
  readonly prefix: string;
  /** How many processes share it; `auto`: they are counted. */
  readonly replicas: number | 'auto';
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
}

/** Connects, and waits a moment for it: a Redis that is not there keeps nothing from starting. */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const store = new RedisStore(options);
  await store.settled(START_MS);
  return store;
}

/** A store that replicas share. Every call is answered within its time, with `unavailable` where Redis has not; see docs/store.md. */
export class RedisStore implements Store {
  readonly #options: RedisStoreOptions;
  readonly #link: Link;
  readonly #health: Health;
  readonly #scripts: Scripts;
  readonly #deferred: Deferred;
  readonly #inFlight: Gauge;
  readonly #caller: Caller;
  readonly #patient: Caller;
  readonly #replicas: Replicas;
  readonly #id: string;
  readonly #beating: NodeJS.Timeout;
  readonly #settled = Promise.withResolvers<void>();
  #calls = 0;
  #bytes = 0;
  #isClosing = false;

  constructor(options: RedisStoreOptions) {
    const { url, timeoutMs, prefix, replicas, clock, random, meter, logger } = options;
    const address = redisAddress(url);
    this.#options = options;
    this.#id = random.hex(8);
    this.#scripts = new Scripts(meter);
    this.#inFlight = meter.gauge(redisStoreMetrics.inFlight).with();
    this.#replicas = new Replicas(meter.gauge(redisStoreMetrics.replicas).with(), replicas === 'auto' ? 1 : replicas);
    const { deferred, deferredDropped } = redisStoreMetrics;
    this.#deferred = new Deferred(() => this.#link.isUp, meter.gauge(deferred).with(), meter.counter(deferredDropped).with());
    this.#health = new Health(hostAndPort(address.host, address.port), clock, logger, meter);
    this.#link = new Link(
      { address, timeoutMs, probeKey: `${prefix}:probe` },
      { clock, random },
      { onUp: () => this.#up(), onDown: (reason) => this.#down(reason) },
    );
    this.#caller = {
      clock,
      timeoutMs,
      staysForIt: false,
      send: (name, args) => this.#link.send(name, args),
      onUnanswered: () => this.#link.suspect(),
      onRefused: (code) => this.#refused(code),
      onMalformed: () => {
        this.#health.refused('malformed');
        this.#link.verify();
      },
      onOver: (bytes) => {
        this.#calls -= 1;
        this.#bytes -= bytes;
      },
    };
    this.#patient = { ...this.#caller, timeoutMs: Math.max(timeoutMs, EXCHANGE_TIMEOUT_MS), staysForIt: true };
    this.#beating = setInterval(() => this.#beat(), BEAT_MS).unref();
    this.#link.connect();
  }

  run<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): Maybe<R | 'unavailable'> {
    return this.#run(this.#caller, script, this.#keysOf(script.space, keys), values);
  }

  later<R>(script: StoreScript<R>, keys: readonly string[], values: readonly StoreValue[]): void {
    const asked = this.#asked(script, this.#keysOf(script.space, keys), values);
    this.#deferred.add({ bytes: asked.bytes, run: (done) => this.#call(asked, done) });
  }

  /** Where replicas share their drift findings. `limit`: findings that are kept there at most. */
  findings(limit: number): FindingShare {
    const { prefix, random, meter } = this.#options;
    return new RedisFindings({
      run: async (script, keys, values) => {
        const whole = keys.map((key) => `${prefix}:${key}`);
        return this.#run(this.#patient, script, whole, values);
      },
      limit,
      random,
      meter,
    });
  }

  replicas(): number {
    return this.#replicas.count;
  }

  /** Before a scrape. */
  publish(): void {
    this.#inFlight.set(this.#calls);
  }

  /** Resolves when it is known whether Redis is there; after so long it counts as away. */
  async settled(ms: number): Promise<void> {
    const late = setTimeout(() => this.#down('timeout'), ms);
    await this.#settled.promise;
    clearTimeout(late);
  }

  /** Says what is still to be said, for half a second at most, and leaves. From its call on every `run` is `unavailable`. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#beating);
    if (this.#link.isUp) await this.#farewell();
    const left = this.#deferred.giveUp();
    if (left > 0) this.#options.logger.warn({ left }, 'what was still to be done in the shared store is given up: it is away');
    this.#link.close();
  }

  async #farewell(): Promise<void> {
    const said = Promise.withResolvers<void>();
    const late = setTimeout(said.resolve, CLOSE_MS);
    void this.#deferred.empty().then(() => {
      if (this.#options.replicas === 'auto') this.#call(this.#asked(leave, this.#ownKey(), [this.#id]), () => said.resolve());
      else said.resolve();
    });
    await said.promise;
    clearTimeout(late);
  }

  #run<R>(caller: Caller, script: RedisScript<R>, keys: readonly string[], values: readonly StoreValue[]): Maybe<R | 'unavailable'> {
    if (!this.#link.isUp || this.#isClosing) return this.#notAsked(script, 'down');
    const asked = this.#asked(script, keys, values);
    if (this.#calls >= MOST_CALLS || this.#bytes + asked.bytes > MOST_BYTES) return this.#notAsked(script, 'full');
    return new Promise((resolve) => {
      this.#call(asked, (outcome, value) => resolve(outcome === 'ok' ? (value as R) : 'unavailable'), caller);
    });
  }

  #keysOf(space: StoreSpace, keys: readonly string[]): string[] {
    const before = `${this.#options.prefix}:${SPACES[space]}:`;
    return keys.map((key) => before + key);
  }

  #ownKey(): string[] {
    return [`${this.#options.prefix}:replicas`];
  }

  #asked<R>(script: RedisScript<R>, keys: readonly string[], values: readonly StoreValue[]): Asked<R> {
    const args: Argument[] = [keys.length, ...keys];
    let bytes = 0;
    for (const key of keys) bytes += key.length;
    for (const value of values) {
      const argument = asArgument(value);
      args.push(argument);
      bytes += typeof argument === 'number' ? 8 : argument.length;
    }
    return { script, known: this.#scripts.of(script), args, bytes };
  }

  #notAsked(script: RedisScript<unknown>, outcome: Outcome): 'unavailable' {
    this.#scripts.of(script).calls[outcome].inc();
    return 'unavailable';
  }

  #call<R>(asked: Asked<R>, done: (outcome: Outcome, value: R | undefined) => void, caller = this.#caller): void {
    this.#calls += 1;
    this.#bytes += asked.bytes;
    new Call(caller, asked, done);
  }

  #beat(): void {
    if (this.#options.replicas !== 'auto' || !this.#link.isUp || this.#isClosing) return;
    this.#call(this.#asked(beat, this.#ownKey(), [this.#id]), (_, count) => {
      if (count !== undefined) this.#replicas.heard(count, this.#options.clock.monotonicMs());
    });
  }

  #up(): void {
    this.#health.up();
    this.#settled.resolve();
    this.#beat();
    this.#deferred.pump();
  }

  #down(reason: string): void {
    this.#health.down(reason);
    if (reason === 'slow') return;
    this.#settled.resolve();
    if (this.#options.replicas === 'auto') this.#replicas.lost(this.#options.clock.monotonicMs());
  }

  #refused(code: FaultCode): void {
    this.#health.refused(code);
    if (asksForReconnect(code)) this.#link.giveUp(code);
  }
}

function asArgument(value: StoreValue): Argument {
  return typeof value === 'object' ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
