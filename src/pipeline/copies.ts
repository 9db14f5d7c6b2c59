import type { Side } from '../core/contract.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Copy } from '../core/stage.ts';
import type { RequestBodyReader } from './body.ts';
import type { CompiledRoute } from './compile.ts';

/** Hands the copies of one exchange's bodies to the stages that look at them: each side once, after the answer has left. */
export class Copies {
  readonly #route: CompiledRoute;
  readonly #x: Exchange;
  readonly #states: readonly unknown[];
  readonly #bug: (stage: string, hook: string, error: unknown) => void;
  #request: Promise<void> | undefined = undefined;

  constructor(route: CompiledRoute, x: Exchange, states: readonly unknown[], bug: (stage: string, hook: string, error: unknown) => void) {
    this.#route = route;
    this.#x = x;
    this.#states = states;
    this.#bug = bug;
  }

  /** The first call runs, later ones wait for it. */
  request(body: RequestBodyReader): Promise<void> {
    this.#request ??= body.copyWanted || body.state === 'none' ? this.#hand('request', body.takeCopy()) : NOTHING;
    return this.#request;
  }

  response(copy: Copy): Promise<void> {
    return this.#hand('response', copy);
  }

  async #hand(side: Side, copy: Copy): Promise<void> {
    for (const { stage, index } of this.#route.copying) {
      if (index >= this.#states.length) break; // never entered
      try {
        const waited = stage.onCopy?.(this.#x, side, copy, this.#states[index]);
        if (waited instanceof Promise) await waited;
      } catch (error) {
        this.#bug(stage.name, 'onCopy', error);
      }
    }
  }
}

const NOTHING = Promise.resolve();
