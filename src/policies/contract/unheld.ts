import { type BodyLook, type Operation, type Outcome, type SkipReason, VALID } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { ItemTap } from './item-tap.ts';
import { skipped } from './verdict.ts';

/** The verdict on a body whose bytes are not at hand: it went by, or why there is none. */
export function unheld(looks: Exclude<BodyLook, false>, tap: ItemTap | undefined, unread: SkipReason | undefined): Outcome {
  if (looks === 'items' || looks === 'parts') return tap?.outcome ?? skipped(unread ?? 'overload');
  return skipped(looks === true ? (unread ?? 'overload') : looks);
}

/** The verdict on a body whose bytes are not looked at: there is none, the head says all, or it cannot be judged. */
export function bodyless(x: Exchange, operation: Operation, looks: BodyLook): Outcome {
  if (looks !== false) return unheld(looks, undefined, undefined);
  return x.requestBody.state === 'none' ? operation.checkRequestBody(x.request, undefined) : VALID;
}

/** Of an answer that broke off, or whose reader left, there is a verdict all the same. */
export function needsNoRest({ operation, request, answer }: Exchange): boolean {
  const looks = answer === undefined ? undefined : operation?.looksAtBody('response', request, answer);
  return looks !== undefined && looks !== true && looks !== 'parts';
}
