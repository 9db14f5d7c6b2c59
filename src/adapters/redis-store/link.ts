import { Command, Redis } from 'ioredis';
import type { Clock, Random } from '../../core/ports.ts';
import type { RedisAddress } from './address.ts';
import { Budget } from './budget.ts';
import { type Line, connectorTo } from './connector.ts';
import { asksForReconnect, connectionCode, needsNoPassword, replyCode } from './faults.ts';

/** How long a connection may take to be made. */
const CONNECT_MS = 2000;
/** Between two attempts: doubles from the first to the last, and half of it is left to chance. */
const RECONNECT_MS = { first: 50, last: 2000 };
/** Between two PINGs of a server that does not answer. */
const PING_MS = { first: 100, last: 1000 };
/** A connection on which nothing came for so long, though something was asked, is given up. */
const SILENT_MS = 3000;
/** A connection that was good for so long has nothing to do with the failures before it. */
const SETTLED_MS = 10_000;

export interface LinkDeps {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly random: Pick<Random, 'unit'>;
}

export interface LinkOptions {
  readonly address: RedisAddress;
  /** What a PING may take, as any call. */
  readonly timeoutMs: number;
  /** A key that nobody uses, to see whether anything may be written at all. */
  readonly probeKey: string;
}

export interface LinkEvents {
  /** The server answers in time, from here on. */
  onUp(): void;
  /** It does not, or still does not. `slow`: one call went unanswered, and a PING is on its way; else a reason for people, in a word. */
  onDown(reason: string): void;
}

export type Argument = string | number | Buffer;

/**
 * The connection to Redis, and what is known of it. Nothing is queued and nothing is sent twice; who asks while it is not up is told so
 * at once. It is up from the moment that a PING was answered within the time of a call, until a call is not.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #deps: LinkDeps;
  readonly #events: LinkEvents;
  readonly #redis: Redis;
  /** Of the moment. */
  #line: Line | undefined = undefined;
  #state: 'away' | 'asking' | 'up' | 'closed' = 'away';
  /** Connections in a row that did not last. */
  #failures = 0;
  #upAt = Number.POSITIVE_INFINITY;
  /** When something came last, or the asking began. */
  #heardAt = 0;
  /** Why this connection is no good; the first reason is the one that tells. */
  #broken: string | undefined = undefined;
  #pings = 0;
  #pingInMs = PING_MS.first;
  #nextPing: NodeJS.Timeout | undefined = undefined;

  constructor(options: LinkOptions, deps: LinkDeps, events: LinkEvents) {
    this.#options = options;
    this.#deps = deps;
    this.#events = events;
    const Connector = connectorTo(options.address, {
      open: (line) => this.#opened(line),
      heard: () => {
        this.#heardAt = deps.clock.monotonicMs();
      },
      malformed: () => {
        this.#broken ??= 'malformed';
      },
    });
    this.#redis = new Redis({
      Connector,
      ...(options.address.tls && { tls: {} }), // so that it waits for the handshake
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      retryStrategy: () => this.#reconnectInMs(),
      // What was sent may have been done: never a second time. With 0 all that waits for an answer fails as its connection ends.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      // What it would say by itself on a new connection is said by us, as we want to know what comes of it.
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    this.#redis.on('ready', () => void this.#greet());
    this.#redis.on('error', (error) => {
      this.#broken ??= connectionCode(error);
    });
    this.#redis.on('close', () => this.#lost());
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  connect(): void {
    this.#redis.connect().catch(() => undefined); // `close` follows, and the next attempt
  }

  /** Resolves with the reply, byte strings as Buffer; rejects where there is none. */
  send(name: string, args: readonly Argument[]): Promise<unknown> {
    this.#line?.guard.asked();
    return this.#redis.sendCommand(new Command(name, [...args])) as Promise<unknown>;
  }

  /** A call went unanswered: until a PING is answered nobody else waits. */
  suspect(): void {
    if (this.#state !== 'up') return;
    this.#events.onDown('slow');
    this.#ask();
  }

  /** An answer made no sense: are the others still those to our questions? A PING has its number in the answer. */
  verify(): void {
    if (this.#state === 'up') this.#ping();
  }

  /** Another connection may lead to where it works. */
  giveUp(reason: string): void {
    this.#broken ??= reason;
    this.#line?.destroy();
  }

  /** What was asked and not answered fails. Nothing is told any more. */
  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#nextPing);
    this.#redis.disconnect();
  }

  #opened(line: Line): void {
    this.#line = line;
    this.#broken = undefined;
    this.#upAt = Number.POSITIVE_INFINITY;
  }

  /** Who we are, and where what is ours lies; only then anything else. */
  async #greet(): Promise<void> {
    const line = this.#line;
    const { credentials, db } = this.#options.address;
    this.#heardAt = this.#deps.clock.monotonicMs();
    this.#state = 'asking';
    this.#nextPing = setTimeout(() => this.giveUp('timeout'), SILENT_MS).unref();
    try {
      if (credentials.length > 0) await this.send('auth', credentials).catch(unlessNoneNeeded);
      // In capitals: ioredis takes note of a `select`, and sends it again by itself, where nobody hears of its failure.
      if (db !== 0) await this.send('SELECT', [db]);
      await this.send('del', [this.#options.probeKey]).catch(unlessElsewhere); // a replica says no, though it answers a PING
    } catch (error) {
      if (line === this.#line) this.giveUp(replyCode(error) ?? connectionCode(error));
      return;
    }
    if (line === this.#line && this.#state === 'asking') this.#ask();
  }

  /** PINGs until one is answered in time. */
  #ask(): void {
    this.#state = 'asking';
    this.#heardAt = this.#deps.clock.monotonicMs();
    this.#pingInMs = PING_MS.first;
    this.#askAgain();
  }

  #askAgain(): void {
    if (this.#deps.clock.monotonicMs() - this.#heardAt >= SILENT_MS) return this.giveUp('timeout');
    this.#ping();
    this.#askIn(this.#pingInMs);
    this.#pingInMs = Math.min(2 * this.#pingInMs, PING_MS.last);
  }

  #askIn(ms: number): void {
    clearTimeout(this.#nextPing);
    this.#nextPing = setTimeout(() => this.#askAgain(), ms).unref();
  }

  #ping(): void {
    const line = this.#line;
    const number = String(++this.#pings);
    let isLate = false;
    const budget = new Budget(this.#options.timeoutMs, () => {
      isLate = true;
      if (line === this.#line && this.#state === 'asking') this.#events.onDown('timeout');
    });
    const over = (handle: () => void): void => {
      budget.cancel();
      if (line === this.#line && this.#state !== 'closed') handle();
    };
    this.send('ping', [number]).then(
      (reply) => over(() => this.#ponged(String(reply) === number, isLate)),
      (error: unknown) => over(() => this.#refused(error)),
    );
  }

  #ponged(isOurs: boolean, isLate: boolean): void {
    if (!isOurs) return this.giveUp('malformed');
    if (this.#state !== 'asking') return;
    if (isLate) {
      // It is there, and may be in time again: no reason to wait for long.
      this.#pingInMs = PING_MS.first;
      return this.#askIn(PING_MS.first);
    }
    clearTimeout(this.#nextPing);
    this.#state = 'up';
    this.#upAt = this.#deps.clock.monotonicMs();
    this.#events.onUp();
  }

  #refused(error: unknown): void {
    const code = replyCode(error);
    if (code === undefined) return; // the connection broke: `close` follows
    this.#events.onDown(code);
    if (asksForReconnect(code)) this.giveUp(code);
  }

  #lost(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#nextPing);
    this.#line = undefined;
    this.#state = 'away';
    this.#events.onDown(this.#broken ?? 'closed');
  }

  #reconnectInMs(): number {
    if (this.#deps.clock.monotonicMs() - this.#upAt >= SETTLED_MS) this.#failures = 0;
    const longestMs = Math.min(RECONNECT_MS.first * 2 ** Math.min(this.#failures, 10), RECONNECT_MS.last);
    this.#failures += 1;
    return longestMs * (0.5 + 0.5 * this.#deps.random.unit());
  }
}

function unlessNoneNeeded(error: unknown): void {
  if (!needsNoPassword(error)) throw error;
}

/** Other refusals concern what was asked, or pass: calls will tell. */
function unlessElsewhere(error: unknown): void {
  const code = replyCode(error);
  if (code === undefined || asksForReconnect(code)) throw error;
}
