/** The way to one HTTP/1.1 upstream: connections that are kept for one request after the other (RFC 9112 §9.3). */
import type { Attempt } from '../../../core/exchange.ts';
import type { Upstream, UpstreamCall, UpstreamRequest, UpstreamSink } from '../../../core/ports.ts';
import type { Rejection } from '../../../core/rejection.ts';
import { Call } from './call.ts';
import { Connection } from './connection.ts';
import type { ConnectionDeps, ConnectionOwner } from './connection-owner.ts';
import { CLOSED, TOO_MANY, UNSENDABLE } from './faults.ts';
import { requestText } from './request-text.ts';
import { WaitingCalls } from './waiting-calls.ts';

export interface Http1UpstreamOptions {
  /** `http://host:port`; an IPv6 address in brackets. */
  readonly origin: string;
  /** Connections at most; requests beyond it wait here, where they can still be given up. */
  readonly connections: number;
  /** How long a connection may take to be made, the name's resolution with it. */
  readonly connectMs: number;
  /** How long a connection is kept without use; the upstream's own Keep-Alive hint less a second where that is shorter (DL-4). */
  readonly idleMs: number;
}

/** What a pool holds at the moment. */
export interface PoolUsage {
  /** Connections, those that are being made included; those that changed their protocol are not. */
  readonly connections: number;
  readonly idle: number;
  /** Requests without a connection. */
  readonly waiting: number;
}

/** An upstream ends its idle connections in its own time: a request must not meet that. */
const HINT_MARGIN_MS = 1000;
/** How often idle connections are looked through. None is used after its time, however late this is. */
const SWEEP_MS = 500;
/** Beyond the connections; an upstream that so many wait for will not serve them in time. */
const MAX_WAITING = 10_000;

export class Http1Upstream implements Upstream, ConnectionOwner {
  readonly #options: Http1UpstreamOptions;
  readonly #deps: ConnectionDeps;
  readonly #host: string;
  readonly #port: number;
  readonly #connections = new Set<Connection>();
  /** The last one freed is used first: the others may grow old and go. */
  #idle: Connection[] = [];
  readonly #waiting = new WaitingCalls();
  #connecting = 0;
  /** Sockets that have not closed yet. */
  #sockets = 0;
  #sweeping = false;
  #ending: 'no' | 'closing' | 'destroyed' = 'no';
  #whenClosed: Array<() => void> = [];

  /** Throws where `origin` is no `http:` URL with a host. */
  constructor(options: Http1UpstreamOptions, deps: ConnectionDeps) {
    const { protocol, hostname, port } = new URL(options.origin);
    if (protocol !== 'http:' || hostname === '') throw new TypeError(`no http origin: ${options.origin}`);
    this.#options = options;
    this.#deps = deps;
    this.#host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    this.#port = port === '' ? 80 : Number(port);
  }

  send(request: UpstreamRequest, t: Attempt, to: UpstreamSink): UpstreamCall {
    const text = requestText(request);
    const call = new Call(request, text ?? '', t, to);
    if (text === undefined) return later(call, UNSENDABLE);
    if (this.#ending === 'destroyed') return later(call, CLOSED);
    const now = this.#deps.monotonicMs();
    const connection = this.#takeIdle(now);
    if (connection !== undefined) connection.start(call, now);
    else if (this.#waiting.size >= MAX_WAITING) return later(call, TOO_MANY);
    else {
      this.#waiting.push(call);
      this.#connect();
    }
    return call;
  }

  get usage(): PoolUsage {
    return { connections: this.#connections.size, idle: this.#idle.length, waiting: this.#waiting.size };
  }

  /** Ends idle connections at once, busy ones when their answer is here. What is sent after this is served, and keeps no connection. */
  close(): Promise<void> {
    if (this.#ending === 'no') this.#ending = 'closing';
    for (const connection of this.#idle.slice()) connection.drop();
    return this.#closed();
  }

  /** Ends everything at once; whoever still waits for an answer hears of it. Connections that changed their protocol are no longer ours. */
  destroy(): Promise<void> {
    this.#ending = 'destroyed';
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) call.fail(CLOSED);
    for (const connection of [...this.#connections]) connection.cut();
    return this.#closed();
  }

  #closed(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenClosed.push(resolve);
      this.#tellClosed();
    });
  }

  #tellClosed(): void {
    if (this.#ending === 'no' || this.#sockets > 0 || this.#waiting.size > 0) return;
    for (const resolve of this.#whenClosed.splice(0)) resolve();
  }

  // ---------------------------------------------------------------- connections

  /** One for each call that waits, as far as the limit allows. */
  #connect(): void {
    while (this.#connecting < this.#waiting.size && this.#connections.size < this.#options.connections) {
      this.#connecting += 1;
      this.#sockets += 1;
      this.#connections.add(new Connection(this, this.#host, this.#port, this.#options.connectMs, this.#deps));
    }
  }

  /** To whoever waits longest, which need not be the call for which it was made: that may have been served, or given up. */
  onConnected(connection: Connection): void {
    this.#connecting -= 1;
    this.#use(connection, Number.POSITIVE_INFINITY);
  }

  onConnectFailed(connection: Connection, why: Rejection): void {
    this.#connecting -= 1;
    this.#connections.delete(connection);
    // While as many connections are still being made as calls wait, each has its own to hope for.
    if (this.#waiting.size > this.#connecting) this.#waiting.shift()?.fail(why);
    this.#connect();
  }

  onFree(connection: Connection, keptMs: number): void {
    this.#use(connection, keptMs);
  }

  onGone(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#connect();
  }

  /** An upstream mostly ends all that it kept at one moment: whoever asks again must not meet another whose end nobody has read yet (RT-2). */
  onStale(): void {
    for (const connection of this.#idle.slice()) connection.drop();
  }

  onClosed(): void {
    this.#sockets -= 1;
    this.#tellClosed();
  }

  #use(connection: Connection, keptMs: number): void {
    const now = this.#deps.monotonicMs();
    const next = this.#waiting.shift();
    if (next !== undefined) return connection.start(next, now);
    const idleMs = Math.min(this.#options.idleMs, keptMs - HINT_MARGIN_MS);
    if (idleMs <= 0 || this.#ending !== 'no') return connection.drop();
    connection.idleUntil = now + idleMs;
    this.#idle.push(connection);
    if (!this.#sweeping) this.#sweepLater();
  }

  #takeIdle(now: number): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (now < connection.idleUntil && connection.usable) return connection;
      connection.drop();
    }
    return undefined;
  }

  #sweepLater(): void {
    this.#sweeping = true;
    this.#deps.timers.after(SWEEP_MS, this.#sweep);
  }

  readonly #sweep = (): void => {
    const now = this.#deps.monotonicMs();
    for (const connection of this.#idle.slice()) if (now >= connection.idleUntil) connection.drop();
    if (this.#idle.length > 0) this.#sweepLater();
    else this.#sweeping = false;
  };
}

/** Tells it when `send` has returned. */
function later(call: Call, why: Rejection): Call {
  queueMicrotask(() => call.fail(why));
  return call;
}
