/** The HTTP/1.1 listener on `node:net`: connections, their limits and their ends; what a request means is the pipeline's to say. */
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { listenAt } from '../../../core/listen.ts';
import { Connection } from './connection.ts';
import type { ConnectionHost, Http1Options, ServerHooks } from './options.ts';

/** The sweep looks so many times in the shortest time that it keeps: no time is over by more than a tenth. */
const LOOKS = 20;
const [MIN_SWEEP_MS, MAX_SWEEP_MS] = [5, 100];
/**
 * How long a connection is kept without use by a listener that retires. A busy client asks again before that, and is told; on one that was not used for so
 * long hardly a request is on its way. With one second a client that had stalled for a second lost requests; longer than the five that services
 * commonly wait before they end would be too long.
 */
const RETIRING_KEPT_MS = 3000;

export class Http1Server implements ConnectionHost<Connection> {
  readonly hooks: ServerHooks;
  options: Http1Options;
  retiring = false;
  draining = false;
  readonly #server;
  readonly #connections: Connection[] = [];
  readonly #gone = Promise.withResolvers<void>();
  #sweep: NodeJS.Timeout | undefined = undefined;
  #sweepMs = 0;
  /** As of the last sweep. One timer and one look at the clock serve all connections; without any the timer stands still. */
  #nowMs = performance.now();

  constructor(options: Http1Options, hooks: ServerHooks) {
    this.options = options;
    this.hooks = hooks;
    // Half-open: when a connection ends on our side is ours to say.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Rejects with the system's error. */
  async listen(): Promise<AddressInfo> {
    const bound = await listenAt(this.#server, this.options);
    this.#server.on('error', () => this.hooks.connectionsRefused.inc()); // the system has no room for another
    return bound;
  }

  /** Other limits: for connections that come, and on those that are here for the next request. It listens where it listened. */
  configure(options: Http1Options): void {
    this.options = options;
    if (this.#sweep !== undefined) this.#startSweep();
  }

  /**
   * Goes on accepting and answering, but lets go of its clients: each connection ends with its next answer, which says so, or after some seconds without
   * use. A drain that comes later finds hardly a connection on which a request is just coming (RFC 9112 §9.6).
   */
  retire(): void {
    if (this.retiring) return;
    this.retiring = true;
    for (const connection of this.#connections) connection.endIdleIn(this.keptMs);
  }

  /** No new connections; idle ones end at once, busy ones with their answer. Resolves when all are gone, upgraded ones too. */
  drain(): Promise<void> {
    if (!this.draining) {
      this.draining = true;
      this.retiring = true;
      this.#server.close();
      for (const connection of this.#connections) connection.endIdleIn(0);
      this.#goneIfEmpty();
    }
    return this.#gone.promise;
  }

  /** Ends every connection at once. */
  cut(): void {
    void this.drain();
    for (const connection of this.#connections) connection.cut();
  }

  /** A connection is kept so long at the moment on which nothing is asked. */
  get keptMs(): number {
    const { keepAliveMs } = this.options;
    return this.retiring ? Math.min(keepAliveMs, RETIRING_KEPT_MS) : keepAliveMs;
  }

  #accept(socket: Socket): void {
    const connections = this.#connections;
    if (this.draining || connections.length >= this.options.maxConnections) {
      this.hooks.connectionsRefused.inc();
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.hooks.connections.inc();
    if (this.#sweep === undefined) this.#startSweep();
    connections.push(new Connection(this, socket, connections.length));
  }

  closed(connection: Connection): void {
    const connections = this.#connections;
    const last = connections.pop() as Connection;
    if (last !== connection) {
      connections[connection.index] = last;
      last.index = connection.index;
    }
    this.hooks.connections.dec();
    this.#goneIfEmpty();
  }

  #goneIfEmpty(): void {
    if (!this.draining || this.#connections.length > 0) return;
    this.#stopSweep();
    this.#gone.resolve();
  }

  // ---------------------------------------------------------------- time

  dueAt(ms: number): number {
    return this.#nowMs + this.#sweepMs + ms;
  }

  #startSweep(): void {
    const { headerTimeoutMs, keepAliveMs } = this.options;
    this.#sweepMs = Math.min(MAX_SWEEP_MS, Math.max(MIN_SWEEP_MS, Math.min(headerTimeoutMs, keepAliveMs) / LOOKS));
    clearInterval(this.#sweep);
    this.#sweep = setInterval(() => this.#look(), this.#sweepMs).unref();
    this.#nowMs = performance.now();
  }

  #stopSweep(): void {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #look(): void {
    this.#nowMs = performance.now();
    for (const connection of this.#connections) {
      if (connection.dueAt <= this.#nowMs) connection.onDue();
      else connection.look();
    }
    if (this.#connections.length === 0) this.#stopSweep(); // a listener at rest wakes nobody
  }
}
