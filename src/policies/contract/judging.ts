import type { Outcome, SkipReason } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import type { Answer } from '../../core/stage.ts';
import type { ItemTap } from './item-tap.ts';
import type { Plan } from './plan.ts';

/** Whether an answer can be one that is judged as it goes by: not one of the upstream's that was collected for its verdict. */
export function mayPass({ body, origin }: Answer, { responseTaps }: Judging): boolean {
  return body === 'stream' || origin !== 'upstream' || responseTaps !== undefined;
}

/** What one exchange still owes. */
export class Judging {
  readonly plan: Plan;
  /** Why neither side is judged. */
  readonly skip: SkipReason | undefined;
  requestDone = false;
  responseDone = false;
  /** Sees the request's body go by. */
  requestTap: ItemTap | undefined = undefined;
  /** Enforced and passed; its items go by and are told of later (CP-3). */
  requestHead: Outcome | undefined = undefined;
  /** The same for the answer. */
  responseItems = false;
  /** Of an answer whose items go by: the verdict on its head, once they do. */
  responseHead: Outcome | undefined = undefined;
  /** How many violations of the answer have been told while it goes by. */
  responseTold = 0;
  /** One for each answer that was asked about; undefined: none. */
  responseTaps: ItemTap[] | undefined = undefined;
  /** The answer that was held back for its verdict: what the service said, whatever the caller gets. */
  held: Answer | undefined = undefined;
  /** The verdict on the request, once there is one. */
  requestVerdict: Outcome | undefined = undefined;
  /** What the bodies have that the contract does not know: told of with the verdict on the whole. */
  requestDrift: readonly Drift[] | undefined = undefined;
  responseDrift: readonly Drift[] | undefined = undefined;
  /** What request and answer say together has been told. */
  bothTold = false;
  /** Which drift its broken rules have been told as: of an answer that goes by, before its end. Undefined: none. */
  toldOfAnswer: Set<string> | undefined = undefined;

  constructor(plan: Plan, skip: SkipReason | undefined) {
    this.plan = plan;
    this.skip = skip;
  }
}
