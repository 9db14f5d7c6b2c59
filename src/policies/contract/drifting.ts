import type { ContractResponse, Operation, Outcome, Violation } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Answer } from '../../core/stage.ts';
import { NONE, driftOfAccepted, driftOfAnswer, gathered, goneOperation, isTaken, keyOf, refusedValid } from './drift.ts';
import { FoldedPaths } from './folded-paths.ts';
import type { Ignored } from './ignored.ts';
import type { Judging } from './judging.ts';
import type { ShownValues } from './shown-values.ts';
import { UnknownRoutes } from './unknown-route-drift.ts';

type Needs = Pick<Deps, 'clock' | 'observer' | 'overloaded' | 'live'>;

/**
 * Tells of how the traffic and the contract differ: once for each verdict, however many places of a message show the same. What a request shows is
 * told once it is known what the service made of it.
 */
export class Drifting {
  /** Somebody keeps findings. */
  readonly #wanted: boolean;
  readonly #deps: Needs;
  readonly #ignored: Ignored;
  readonly #shown: ShownValues;
  readonly #routes: UnknownRoutes | undefined;

  constructor(route: RouteSpec, deps: Needs, ignored: Ignored, shown: ShownValues) {
    this.#wanted = deps.observer.wantsDrift;
    this.#deps = deps;
    this.#ignored = ignored;
    this.#shown = shown;
    const { contract, api } = route;
    if (contract !== undefined && this.#wanted)
      this.#routes = new UnknownRoutes(
        contract,
        deps.live(`contract paths ${api}`, () => new FoldedPaths()),
      );
  }

  /** Broken rules of the answer, none of which has been told. */
  ofAnswer(x: Exchange, judging: Judging, violations: readonly Violation[]): void {
    const answer = serviceAnswer(x, judging);
    if (!this.#wanted || x.operation === undefined || answer === undefined) return;
    const now = this.#deps.clock.wallMs();
    const isGone = goneOperation(x.operation, answer.status, now) !== undefined;
    const told = isGone ? violations.filter(({ rule }) => rule !== 'undocumented_status') : violations;
    const drift = gathered(told.map((violation) => driftOfAnswer(violation, answer, now)));
    judging.toldOfAnswer ??= new Set();
    for (const one of drift) {
      const key = keyOf(one);
      if (judging.toldOfAnswer.has(key)) continue;
      judging.toldOfAnswer.add(key);
      this.#tellOne(x, one);
    }
  }

  /** The verdict on an answer is reached: what the answer shows beside it. */
  answerIs(x: Exchange, judging: Judging, outcome: Outcome): void {
    const { operation } = x;
    if (!this.#wanted || operation === undefined || outcome.is === 'skipped') return;
    const answer = serviceAnswer(x, judging);
    if (answer === undefined) return;
    if (operation.deprecated) {
      const gone = goneOperation(operation, answer.status, this.#deps.clock.wallMs());
      if (gone !== undefined) this.#tellOne(x, gone);
    }
    if (operation.driftParts !== undefined && !this.#deps.overloaded()) this.#tell(x, operation.driftParts.inHead(x.request, answer));
    if (judging.responseDrift !== undefined) this.#tell(x, judging.responseDrift);
  }

  /** The verdict on a request is reached. */
  requestIs(x: Exchange, judging: Judging, outcome: Outcome): void {
    if (!this.#wanted) return;
    judging.requestVerdict = outcome;
    this.ofBoth(x, judging);
  }

  /** A body that was parsed for its verdict. */
  ofBody(x: Exchange, judging: Judging, operation: Operation, response: ContractResponse | undefined, body: ParsedBody): void {
    if (operation.driftParts === undefined || !this.looksAt(x, judging, response) || this.#deps.overloaded()) return;
    this.found(x, judging, response, operation.driftParts.inBody(x.request, response, body));
  }

  /** Whether anybody would be told of what this body has. */
  looksAt(x: Exchange, judging: Judging, response: ContractResponse | undefined): boolean {
    if (!this.#wanted) return false;
    const answer = serviceAnswer(x, judging);
    if (response !== undefined) return answer !== undefined;
    // Of a request that is not sent yet it is not known.
    return answer === undefined ? x.answer === undefined : isTaken(answer.status);
  }

  found(x: Exchange, judging: Judging, response: ContractResponse | undefined, drift: readonly Drift[]): void {
    if (drift.length === 0 || !this.looksAt(x, judging, response)) return;
    if (response === undefined) judging.requestDrift = drift;
    else judging.responseDrift = drift;
  }

  /** Whenever the one or the other is reached: the verdict on the request, and what the service answered. Told once. */
  ofBoth(x: Exchange, judging: Judging): void {
    const { requestVerdict: verdict } = judging;
    if (verdict === undefined || verdict.is === 'skipped' || judging.bothTold) return;
    const answer = serviceAnswer(x, judging);
    if (answer === undefined) return;
    judging.bothTold = true;
    this.#tell(x, x.operation === undefined ? this.#ofRoute(x, answer) : this.#ofRequest(x, x.operation, judging, verdict, answer));
  }

  #ofRequest(x: Exchange, operation: Operation, judging: Judging, verdict: Outcome, { status }: Answer): readonly Drift[] {
    if (!isTaken(status)) {
      // Whether another protocol is spoken is not for the contract to say.
      const refused = x.request.upgrade === undefined ? refusedValid(operation, verdict, status) : undefined;
      return refused === undefined ? NONE : [refused];
    }
    const inBody = judging.requestDrift ?? NONE;
    const inHead = operation.driftParts === undefined || this.#deps.overloaded() ? NONE : operation.driftParts.inHead(x.request, undefined);
    if (verdict.is !== 'invalid') return inHead.length === 0 ? inBody : inBody.length === 0 ? inHead : [...inHead, ...inBody];
    const broken = verdict.violations.map((violation) => driftOfAccepted(violation, x.request.headers));
    return [...gathered(broken.filter((one) => one !== undefined)), ...inHead, ...inBody];
  }

  #ofRoute(x: Exchange, { status }: Answer): readonly Drift[] {
    if (x.match === undefined || !isTaken(status)) return NONE;
    const found = this.#routes?.drift(x.request, x.judgedPath, x.match);
    return found === undefined ? NONE : [found];
  }

  /** Each of them is another thing. */
  #tell(x: Exchange, drift: readonly Drift[]): void {
    for (let i = 0; i < drift.length; i++) this.#tellOne(x, drift[i] as Drift);
  }

  #tellOne(x: Exchange, drift: Drift): void {
    if (!this.#ignored.covers(drift)) this.#deps.observer.drift(x, this.#shown.of(drift));
  }
}

/** What the service itself said, now: a fallback is the operator's, a replay was told of when it was new. */
function serviceAnswer({ answer }: Exchange, { held }: Judging): Answer | undefined {
  const said = held ?? answer;
  return said?.origin === 'upstream' ? said : undefined;
}
