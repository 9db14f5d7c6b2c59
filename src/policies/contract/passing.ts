import type { BodyLook, Operation, Side } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Deps } from '../../core/policy.ts';
import type { Answer, BodyNeed } from '../../core/stage.ts';
import type { Ignored } from './ignored.ts';
import { ItemTap } from './item-tap.ts';
import type { Judging } from './judging.ts';
import type { Record } from './record.ts';
import { TapTime } from './tap-time.ts';

/** Bodies that are judged as they go by: not at all where the process has no time to spare. */
export class Passing {
  readonly #deps: Deps;
  readonly #record: Record;
  readonly #ignored: Ignored;
  readonly #time = new TapTime();

  constructor(deps: Deps, record: Record, ignored: Ignored) {
    this.#deps = deps;
    this.#record = record;
    this.#ignored = ignored;
  }

  request(x: Exchange, operation: Operation, looks: BodyLook, judging: Judging): void {
    const tap = this.#open('request', x, operation, looks, undefined, undefined);
    judging.requestTap = tap;
    if (tap !== undefined) x.requestBody.tap(tap);
  }

  /** `onBegin`: told when items begin to go by. */
  response(x: Exchange, operation: Operation, looks: BodyLook, answer: Answer, judging: Judging, onBegin: () => void): BodyNeed {
    const onMore = (): void => {
      onBegin();
      this.#tell(x, operation, answer, judging, tap as ItemTap);
    };
    const tap = this.#open('response', x, operation, looks, answer, looks === 'items' ? onMore : undefined);
    if (tap === undefined) return undefined;
    judging.responseTaps ??= [];
    judging.responseTaps.push(tap);
    return { as: 'tap', tap };
  }

  /** Something is known of items of the request: what came before it broke off counts. */
  hasSaid({ operation, request }: Exchange, { requestTap }: Judging): boolean {
    return (
      requestTap !== undefined && requestTap.outcome.is !== 'skipped' && operation?.looksAtBody('request', request, undefined) === 'items'
    );
  }

  /** Items may come for hours, and nobody may ever see the last of them: what is known to be wrong is told as it is found. */
  #tell(x: Exchange, operation: Operation, answer: Answer, judging: Judging, tap: ItemTap): void {
    judging.responseHead ??= this.#ignored.without(operation.checkResponseHead(x.request, answer));
    const { responseHead: head, responseTold } = judging;
    const known = head.is === 'invalid' ? [...head.violations, ...tap.found] : tap.found;
    if (known.length === responseTold) return;
    this.#record.early(x, judging, known);
  }

  #open(
    side: Side,
    x: Exchange,
    operation: Operation,
    looks: BodyLook,
    answer: Answer | undefined,
    onMore: (() => void) | undefined,
  ): ItemTap | undefined {
    if ((looks !== 'items' && looks !== 'parts') || this.#deps.overloaded()) return undefined;
    const check = operation.openItems(side, x.request, answer);
    return check === undefined ? undefined : new ItemTap(check, this.#deps.clock, this.#deps.overloaded, this.#time, onMore);
  }
}
