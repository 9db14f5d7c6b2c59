import type { Side } from '../core/contract.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Copy, Maybe } from '../core/stage.ts';
import type { BugHost } from './body-needs.ts';
import type { RequestBodyReader } from './body.ts';
import type { CompiledRoute, Slot } from './compile.ts';

/** Hands the copies of one exchange's bodies to the stages that look at them: each side once, after the answer has left. */
export class Copies {
  readonly #route: CompiledRoute;
  readonly #x: Exchange;
  readonly #states: readonly unknown[];
  readonly #host: BugHost;
  #request: Maybe<void> | 'not yet' = 'not yet';

  constructor(route: CompiledRoute, x: Exchange, states: readonly unknown[], host: BugHost) {
    this.#route = route;
    this.#x = x;
    this.#states = states;
    this.#host = host;
  }

  /** The first call runs, later ones wait for it. */
  request(body: RequestBodyReader): Maybe<void> {
    if (this.#request === 'not yet')
      this.#request = body.copyWanted || body.state === 'none' ? this.#hand(0, 'request', body.takeCopy()) : undefined;
    return this.#request;
  }

  /** What is still to be looked at when the exchange is over; `response`: undefined where nobody wanted it, or it broke off. */
  rest(body: RequestBodyReader, response: Copy | undefined): Maybe<void> {
    const first = body.ended && this.#x.headAt !== undefined ? this.request(body) : undefined;
    if (response === undefined) return first;
    return first instanceof Promise ? first.then(() => this.#hand(0, 'response', response)) : this.#hand(0, 'response', response);
  }

  /** From stage `from` on. A promise only where a stage waits. Never throws. */
  #hand(from: number, side: Side, copy: Copy): Maybe<void> {
    const { copying } = this.#route;
    for (let i = from; i < copying.length; i++) {
      const { stage, index } = copying[i] as Slot;
      if (index >= this.#states.length) break; // never entered
      try {
        const waited = stage.onCopy?.(this.#x, side, copy, this.#states[index]);
        if (waited instanceof Promise)
          return waited.catch((error: unknown) => this.#host.bug(stage.name, 'onCopy', error)).then(() => this.#hand(i + 1, side, copy));
      } catch (error) {
        this.#host.bug(stage.name, 'onCopy', error);
      }
    }
  }
}
