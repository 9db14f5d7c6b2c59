import type { RequestHead } from '../../../core/exchange.ts';
import type { Endpoint } from '../../../core/listen.ts';
import type { Counter, Downstream, Gauge } from '../../../core/ports.ts';
import type { Rejection } from '../../../core/rejection.ts';
import type { RequestRules } from '../wire/request-framing.ts';

/** Limits of a listener. All but `host` and `port` can change while it runs. */
export interface Http1Options extends RequestRules, Endpoint {
  /** How long a connection is kept on which nothing is asked. */
  readonly keepAliveMs: number;
  /** Longest time for a head to arrive, from its first byte; for the first of a connection from the connection's beginning. */
  readonly headerTimeoutMs: number;
  /** Of a request's head, the empty line not counted; of a trailer section too. */
  readonly maxHeaderBytes: number;
  /** At a time; what comes beyond is closed at once. */
  readonly maxConnections: number;
}

/** A request target as routes and upstreams see it. */
export interface SplitTarget {
  readonly target: string;
  readonly path: string;
  readonly query: string;
}

/** What the server tells of. */
export interface ServerHooks {
  /** Takes a request in. `peerAddress`: as `plainAddress` makes it. `refusal`: what is wrong with the message itself; `head` then has what could be read of it, empty strings for the rest. */
  take(head: RequestHead, down: Downstream, peerAddress: string, refusal: Rejection | undefined): void;
  splitTarget(target: string): SplitTarget | Rejection;
  readonly connections: Gauge;
  readonly connectionsRefused: Counter;
  readonly trailersDropped: Counter;
}

/** The server, as its connections see it. */
export interface ConnectionHost<C> {
  readonly options: Http1Options;
  readonly hooks: ServerHooks;
  /** Each answer from now on is the last of its connection, and says so. */
  readonly retiring: boolean;
  /** Nothing more is taken, from no connection. */
  readonly draining: boolean;
  /** How long a connection is kept now on which nothing is asked. */
  readonly keptMs: number;
  /** The instant, on the server's own clock, that is `ms` from now, or a little later. */
  dueAt(ms: number): number;
  closed(connection: C): void;
}
