import type { CheckJob } from '../../core/body-checking.ts';
import type { Operation, Outcome, SkipReason } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Answer, Maybe } from '../../core/stage.ts';
import type { BodyChecks } from './body-checks.ts';
import type { Ignored } from './ignored.ts';
import type { ItemTap } from './item-tap.ts';
import type { Judging } from './judging.ts';
import { next } from './next.ts';
import type { Record } from './record.ts';
import { unheld } from './unheld.ts';
import { combine, skipped } from './verdict.ts';

/** Reaches the verdict on an answer, of its head and of as much of its body as is to be looked at. */
export class AnswerJudge {
  readonly #record: Record;
  readonly #bodies: BodyChecks;
  readonly #ignored: Ignored;

  constructor(record: Record, bodies: BodyChecks, ignored: Ignored) {
    this.#record = record;
    this.#bodies = bodies;
    this.#ignored = ignored;
  }

  judge(
    x: Exchange,
    judging: Judging,
    operation: Operation,
    answer: Answer,
    chunks: readonly Uint8Array[] | undefined,
    unread: SkipReason | undefined,
    heldBack: CheckJob['heldBack'],
    taps: readonly ItemTap[] | undefined,
  ): Maybe<Outcome> {
    // Another protocol from here on: the contract says nothing of it (CP-3).
    if (answer.status === 101) return skipped('stream');
    const begin = this.#record.now();
    const head = this.#ignored.without(operation.checkResponseHead(x.request, answer));
    const looks = operation.looksAtBody('response', x.request, answer);
    const tap = taps?.find(({ hasSeen }) => hasSeen) ?? taps?.at(-1);
    if ((looks === true || (looks === 'parts' && tap?.hasEnded !== true)) && chunks !== undefined)
      return next(this.#bodies.response(x, judging, operation, answer, chunks, begin, heldBack), (body) => combine(head, body));
    this.#record.took('response', begin - (tap?.spentMs ?? 0));
    if (looks === false) return head;
    return combine(head, unheld(looks, tap, unread));
  }
}
