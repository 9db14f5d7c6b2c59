import type { BodyLook, Operation, Side } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Deps } from '../../core/policy.ts';
import type { Answer, BodyNeed } from '../../core/stage.ts';
import { ItemTap } from './item-tap.ts';
import type { Judging } from './judging.ts';

/** Bodies that are judged as they go by: not at all where the process has no time to spare. */
export class Passing {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  request(x: Exchange, operation: Operation, looks: BodyLook, judging: Judging): void {
    const tap = this.#open('request', x, operation, looks, undefined);
    judging.requestTap = tap;
    if (tap !== undefined) x.requestBody.tap(tap);
  }

  response(x: Exchange, operation: Operation, looks: BodyLook, answer: Answer, judging: Judging): BodyNeed {
    const tap = this.#open('response', x, operation, looks, answer);
    if (tap === undefined) return undefined;
    judging.responseTaps ??= [];
    judging.responseTaps.push(tap);
    return { as: 'tap', tap };
  }

  #open(side: Side, x: Exchange, operation: Operation, looks: BodyLook, answer: Answer | undefined): ItemTap | undefined {
    if ((looks !== 'items' && looks !== 'parts') || this.#deps.overloaded()) return undefined;
    const check = operation.openItems(side, x.request, answer);
    return check === undefined ? undefined : new ItemTap(check, this.#deps.clock, this.#deps.overloaded);
  }
}
