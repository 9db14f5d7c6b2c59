import { type Operation, type Outcome, type Side, type SkipReason, VALID, type Violation } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type BodyNeed, type Copy, type End, type Maybe, type Policy, type Stage, refuse } from '../../core/stage.ts';
import { BodyChecks } from './body-checks.ts';
import type { ContractConfig } from './config.ts';
import { next } from './next.ts';
import { type Plan, Plans } from './plan.ts';
import { Record } from './record.ts';
import { combine, refusalOf, refusalOfResponse, skipped, uncheckedRequest, uncheckedResponse } from './verdict.ts';

/** What one exchange still owes. */
class Judging {
  readonly plan: Plan;
  /** Why neither side is judged. */
  readonly skip: SkipReason | undefined;
  requestDone = false;
  responseDone = false;

  constructor(plan: Plan, skip: SkipReason | undefined) {
    this.plan = plan;
    this.skip = skip;
  }
}

/** Holds an exchange against the route's contract (semantics CP). The match was made before the first stage; here it is judged. */
class ContractStage implements Stage<Judging> {
  readonly name = 'contract';
  readonly #config: ContractConfig;
  readonly #route: RouteSpec;
  readonly #plans: Plans;
  readonly #record: Record;
  readonly #bodies: BodyChecks;
  readonly #deps: Deps;

  constructor(config: ContractConfig, route: RouteSpec, deps: Deps) {
    this.#config = config;
    this.#route = route;
    this.#plans = new Plans(config);
    this.#record = new Record(route, deps.clock, deps.meter, deps.observer);
    this.#bodies = new BodyChecks(this.#record, route, deps, config.maxBodyBytes);
    this.#deps = deps;
  }

  open(x: Exchange): Judging {
    const plan = this.#plans.of(x);
    const { sample } = this.#config;
    if (this.#route.contractMissing) return new Judging(plan, 'no_contract');
    if (sample < 1 && this.#deps.random.unit() >= sample) return new Judging(plan, 'sampled');
    return new Judging(plan, undefined);
  }

  // ---------------------------------------------------------------- request

  onRequest(x: Exchange, judging: Judging): Maybe<Answer | undefined> {
    const { operation } = x;
    if (judging.skip !== undefined) return undefined;
    if (operation === undefined) return judging.plan.undocumented === 'enforce' ? this.#refuseUnknown(x, judging) : undefined;
    if (judging.plan.request === 'off') return undefined;
    const looks = x.requestBody.state === 'none' ? false : operation.looksAtBody('request', x.request, undefined);
    if (judging.plan.request === 'enforce') return this.#enforce(x, operation, looks, judging);
    if (looks === true && !this.#deps.overloaded()) x.requestBody.copy(this.#config.maxBodyBytes);
    return undefined;
  }

  #refuseUnknown(x: Exchange, judging: Judging): Answer {
    judging.requestDone = true;
    const violation = unknownRoute(x);
    this.#record.verdict(x, 'request', { is: 'invalid', violations: [violation] }, 'enforce', 'tell');
    if (x.match !== undefined && 'miss' in x.match && x.match.miss === 'method')
      return refuse(rejection('METHOD_NOT_ALLOWED', violation.detail, { headers: ['Allow', x.match.allow.join(', ')] }));
    return refuse(rejection('OPERATION_NOT_FOUND', violation.detail));
  }

  #enforce(x: Exchange, operation: Operation, looks: boolean | SkipReason, judging: Judging): Maybe<Answer | undefined> {
    judging.requestDone = true;
    const begin = this.#record.now();
    const head = operation.checkRequestHead(x.request, paramsOf(x));
    this.#record.took('request', begin);
    if (head.is === 'invalid' || looks !== true) return this.#decide(x, operation, combine(head, bodyless(x, operation, looks)));
    const whole = x.requestBody.whole(this.#config.maxBodyBytes);
    const judge = (chunks: Awaited<typeof whole>): Maybe<Answer | undefined> => {
      if (chunks === 'cancelled') return undefined;
      if (typeof chunks === 'string') return this.#decide(x, operation, combine(head, skipped(chunks)));
      return next(this.#bodies.request(x, operation, chunks, this.#record.now()), (body) =>
        this.#decide(x, operation, combine(head, body)),
      );
    };
    if (!(whole instanceof Promise)) return judge(whole);
    const from = this.#deps.clock.monotonicMs();
    return whole.then((chunks) => {
      x.waitedMs += this.#deps.clock.monotonicMs() - from;
      return judge(chunks);
    });
  }

  #decide(x: Exchange, operation: Operation, outcome: Outcome): Answer | undefined {
    this.#record.verdict(x, 'request', outcome, 'enforce', 'tell');
    if (outcome.is === 'invalid') return refuse(refusalOf(operation, outcome.violations));
    const refusal = outcome.is === 'skipped' && this.#config.onUnchecked === 'refuse' ? uncheckedRequest(outcome.reason) : undefined;
    return refusal === undefined ? undefined : refuse(refusal);
  }

  /** Report: after the answer has left. `copy` is undefined where the body was not asked for. */
  #reportRequest(x: Exchange, judging: Judging, copy: Copy | undefined): Maybe<void> {
    judging.requestDone = true;
    const refused = x.answer !== undefined && isServices(x.answer) && x.answer.status >= 400 && x.answer.status < 500;
    const tell = refused && !this.#config.countRefused ? 'count_only' : 'tell';
    const { operation } = x;
    if (operation === undefined) {
      if (judging.plan.undocumented !== 'report') return;
      return this.#record.verdict(x, 'request', { is: 'invalid', violations: [unknownRoute(x)] }, 'report', tell);
    }
    const begin = this.#record.now();
    const head = operation.checkRequestHead(x.request, paramsOf(x));
    const looks = x.requestBody.state === 'none' ? false : operation.looksAtBody('request', x.request, undefined);
    if (looks === true && copy?.chunks !== undefined)
      return next(this.#bodies.request(x, operation, copy.chunks, begin), (body) =>
        this.#record.verdict(x, 'request', combine(head, body), 'report', tell),
      );
    const body = looks === true ? skipped(copy?.unread ?? 'overload') : bodyless(x, operation, looks);
    this.#record.took('request', begin);
    this.#record.verdict(x, 'request', combine(head, body), 'report', tell);
  }

  // ---------------------------------------------------------------- response

  responseBody(x: Exchange, answer: Answer, judging: Judging): BodyNeed {
    const { operation } = x;
    if (operation === undefined || judging.skip !== undefined) return undefined;
    const reports = isReported(answer, judging.plan);
    if (!reports && !isEnforced(answer, judging.plan)) return undefined;
    if (operation.looksAtBody('response', x.request, answer) !== true) return undefined;
    if (!reports) return { as: 'whole', maxBytes: this.#config.maxBodyBytes };
    return this.#deps.overloaded() ? undefined : { as: 'copy', maxBytes: this.#config.maxBodyBytes };
  }

  onResponse(x: Exchange, answer: Answer, judging: Judging): Maybe<Answer> {
    const { operation } = x;
    if (operation === undefined || judging.skip !== undefined) return answer;
    if (!isEnforced(answer, judging.plan) || judging.responseDone) return answer;
    judging.responseDone = true;
    const chunks = typeof answer.body === 'string' ? undefined : [answer.body];
    return next(this.#judgeResponse(x, operation, answer, chunks, answer.unread), (outcome) => this.#held(x, answer, outcome));
  }

  /** Enforce: the verdict on an answer that was held back for it. */
  #held(x: Exchange, answer: Answer, outcome: Outcome): Answer {
    this.#record.verdict(x, 'response', outcome, 'enforce', 'tell');
    if (outcome.is === 'invalid') return refuse(refusalOfResponse(outcome.violations, answer.status));
    if (outcome.is !== 'skipped' || this.#config.onUnchecked !== 'refuse') return answer;
    const refusal = uncheckedResponse(outcome.reason, answer.status);
    return refusal === undefined ? answer : refuse(refusal);
  }

  #judgeResponse(
    x: Exchange,
    operation: Operation,
    answer: Answer,
    chunks: readonly Uint8Array[] | undefined,
    unread: SkipReason | undefined,
  ): Maybe<Outcome> {
    // Another protocol from here on: the contract says nothing of it (CP-3).
    if (answer.status === 101) return skipped('stream');
    const begin = this.#record.now();
    const head = operation.checkResponseHead(x.request, answer);
    const looks = operation.looksAtBody('response', x.request, answer);
    if (looks === true && chunks !== undefined)
      return next(this.#bodies.response(x, operation, answer, chunks, begin), (body) => combine(head, body));
    this.#record.took('response', begin);
    if (looks === false) return head;
    return combine(head, skipped(looks === true ? (unread ?? 'overload') : looks));
  }

  // ---------------------------------------------------------------- after the answer

  onCopy(x: Exchange, side: Side, copy: Copy, judging: Judging): Maybe<void> {
    if (judging.skip !== undefined) return undefined;
    if (side === 'response') return this.#finishResponse(x, judging, copy);
    const owed = judging.plan.request === 'report' && !judging.requestDone && x.operation !== undefined;
    return owed ? this.#reportRequest(x, judging, copy) : undefined;
  }

  onFinish(x: Exchange, end: End, judging: Judging): void {
    if (judging.skip !== undefined) return this.#skip(x, judging, judging.skip);
    if (end === 'client-closed' || x.headAt === undefined) return;
    const owed = x.operation === undefined ? judging.plan.undocumented === 'report' : judging.plan.request === 'report';
    const readable = x.requestBody.state === 'none' || x.requestBody.state === 'ended' || x.operation === undefined;
    // Without bytes there is nothing to wait for.
    if (owed && readable && !judging.requestDone) void this.#reportRequest(x, judging, undefined);
    if (end === 'complete') void this.#finishResponse(x, judging, undefined);
  }

  /** Report: after the answer has left. `copy` is undefined where the body was not asked for. */
  #finishResponse(x: Exchange, judging: Judging, copy: Copy | undefined): Maybe<void> {
    const { operation, answer } = x;
    if (operation === undefined || answer === undefined || judging.responseDone || !isReported(answer, judging.plan)) return undefined;
    judging.responseDone = true;
    return next(this.#judgeResponse(x, operation, answer, copy?.chunks, copy?.unread), (outcome) =>
      this.#record.verdict(x, 'response', outcome, 'report', 'tell'),
    );
  }

  #skip(x: Exchange, { plan }: Judging, reason: SkipReason): void {
    if (plan.request !== 'off') this.#record.verdict(x, 'request', skipped(reason), plan.request, 'tell');
    if (plan.response !== 'off') this.#record.verdict(x, 'response', skipped(reason), plan.response, 'tell');
  }
}

/** The service's own words, now or repeated under an idempotency key. */
function isServices({ origin }: Answer): boolean {
  return origin === 'upstream' || origin === 'replay';
}

/** Held back until it is judged. A replay again: the contract may have changed since, and what is enforced holds for every answer. */
function isEnforced(answer: Answer, plan: Plan): boolean {
  return plan.response === 'enforce' && isServices(answer);
}

/**
 * Judged when it has left. A replay was told of when it was new. A fallback is the operator's own choice for when there is nothing better: told of
 * in enforce too, never refused.
 */
function isReported({ origin }: Answer, plan: Plan): boolean {
  return origin === 'fallback' ? plan.response !== 'off' : origin === 'upstream' && plan.response === 'report';
}

/** The verdict on a body whose bytes are not looked at: there is none, the head says all, or it cannot be judged. */
function bodyless(x: Exchange, operation: Operation, looks: boolean | SkipReason): Outcome {
  if (typeof looks === 'string') return skipped(looks);
  return x.requestBody.state === 'none' ? operation.checkRequestBody(x.request, undefined) : VALID;
}

function paramsOf(x: Exchange): ReadonlyMap<string, string> {
  return x.match !== undefined && 'params' in x.match ? x.match.params : NO_PARAMS;
}

const NO_PARAMS: ReadonlyMap<string, string> = new Map();

function unknownRoute(x: Exchange): Violation {
  const knowsPath = x.match !== undefined && 'miss' in x.match && x.match.miss === 'method';
  const rule = knowsPath ? 'undocumented_method' : 'undocumented_path';
  const detail = knowsPath ? 'the contract does not know this method on this path' : 'the contract does not know this path';
  return { rule, side: 'request', location: 'route', pointer: '', specPointer: '/paths', detail };
}

export const contract = {
  name: 'contract',
  compile: (config, route, deps) =>
    route.contract === undefined && !route.contractMissing ? undefined : new ContractStage(config, route, deps),
} satisfies Policy<'contract', ContractConfig>;
