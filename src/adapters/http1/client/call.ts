import type { Attempt } from '../../../core/exchange.ts';
import type { UpstreamCall, UpstreamRequest, UpstreamSink } from '../../../core/ports.ts';
import type { Rejection } from '../../../core/rejection.ts';

/** What carries a call: a connection, or the queue of those that wait for one. */
export interface Carrier {
  /** The call is over already. */
  abandon(call: Call): void;
  pause(): void;
  resume(): void;
}

/** One request on its way through the pool. */
export class Call implements UpstreamCall {
  readonly request: UpstreamRequest;
  /** The request's head as it is written. */
  readonly text: string;
  readonly t: Attempt;
  readonly to: UpstreamSink;
  carrier: Carrier | undefined = undefined;
  /** Answered, broken or given up: nothing more is told. */
  over = false;
  /** Neighbours in the queue. */
  previous: Call | undefined = undefined;
  next: Call | undefined = undefined;

  constructor(request: UpstreamRequest, text: string, t: Attempt, to: UpstreamSink) {
    this.request = request;
    this.text = text;
    this.t = t;
    this.to = to;
  }

  pause(): void {
    if (!this.over) this.carrier?.pause();
  }

  resume(): void {
    if (!this.over) this.carrier?.resume();
  }

  abort(): void {
    if (this.over) return;
    this.over = true;
    const { carrier } = this;
    this.carrier = undefined;
    carrier?.abandon(this);
  }

  fail(r: Rejection): void {
    if (this.over) return;
    this.over = true;
    this.carrier = undefined;
    this.to.onBroken(r);
  }
}
