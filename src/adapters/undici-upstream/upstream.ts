/** The way to one HTTP/1.1 upstream: undici's Pool, told what it may do by the rules that architecture.md took from watching it. */
import { type Client, Pool } from 'undici';
import type { Attempt } from '../../core/exchange.ts';
import type { Upstream, UpstreamCall, UpstreamRequest, UpstreamSink } from '../../core/ports.ts';
import { UndiciCall } from './call.ts';
import { WatchedClient } from './watched-client.ts';

export interface UpstreamOptions {
  /** `http://host:port`. */
  readonly origin: string;
  /** Connections at most; requests beyond it wait here, where they can still be given up. */
  readonly connections: number;
  readonly connectMs: number;
  /** How long a connection is kept without use; the upstream's own Keep-Alive hint less a second where that is shorter (DL-4). */
  readonly idleMs: number;
}

/** Heads of answers larger than this are no answers. */
const MAX_HEAD_BYTES = 128 * 1024;
const HINT_MARGIN_MS = 1000;

export class UndiciUpstream implements Upstream {
  readonly #pool: Pool;
  readonly #connections: number;
  readonly #monotonicMs: () => number;
  #inFlight = 0;
  readonly #waiting = new Set<UndiciCall>();

  constructor(options: UpstreamOptions, monotonicMs: () => number) {
    this.#connections = options.connections;
    this.#monotonicMs = monotonicMs;
    this.#pool = new Pool(options.origin, {
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout: options.idleMs,
      keepAliveMaxTimeout: options.idleMs,
      keepAliveTimeoutThreshold: HINT_MARGIN_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEAD_BYTES,
      allowH2: false,
      factory: (origin, clientOptions) => new WatchedClient(origin, clientOptions as Client.Options, options.connectMs),
    });
  }

  send(request: UpstreamRequest, t: Attempt, to: UpstreamSink): UpstreamCall {
    const call = new UndiciCall(request, t, to, this.#monotonicMs, this.#release);
    if (this.#inFlight < this.#connections) this.#dispatch(call);
    else this.#waiting.add(call);
    return call;
  }

  #dispatch(call: UndiciCall): void {
    this.#inFlight += 1;
    call.dispatch(this.#pool);
  }

  /** A call is over and undici has let go of it, or it was given up while it waited. */
  readonly #release = (call: UndiciCall): void => {
    if (this.#waiting.delete(call)) return;
    this.#inFlight -= 1;
    if (this.#waiting.size > 0) queueMicrotask(this.#next);
  };

  /** Not while undici is still ending the call before: only then is its connection free. A loop, as calls that can't be sent end at once. */
  readonly #next = (): void => {
    for (const call of this.#waiting) {
      if (this.#inFlight >= this.#connections) return;
      this.#waiting.delete(call);
      this.#dispatch(call);
    }
  };

  /** Ends idle connections at once, busy ones when their answer is here. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** Ends everything at once. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}
