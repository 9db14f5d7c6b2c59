import { type Operation, type Outcome, type Side, type SkipReason, VALID, type Violation } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import { ParsedBody } from '../../core/parsed-body.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type BodyNeed, type Copy, type End, type Maybe, type Policy, type Stage, refuse } from '../../core/stage.ts';
import type { ContractConfig } from './config.ts';
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
  readonly #deps: Deps;

  constructor(config: ContractConfig, route: RouteSpec, deps: Deps) {
    this.#config = config;
    this.#route = route;
    this.#plans = new Plans(config);
    this.#record = new Record(route, deps.clock, deps.meter, deps.observer);
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
    const head = this.#record.timed('request', () => operation.checkRequestHead(x.request, paramsOf(x)));
    if (head.is === 'invalid' || looks !== true) return this.#decide(x, operation, combine(head, bodyless(x, operation, looks)));
    const whole = x.requestBody.whole(this.#config.maxBodyBytes);
    const judge = (chunks: Awaited<typeof whole>): Answer | undefined => {
      if (chunks === 'cancelled') return undefined;
      if (typeof chunks === 'string') return this.#decide(x, operation, combine(head, skipped(chunks)));
      const body = this.#record.timed('request', () => operation.checkRequestBody(x.request, parsed(chunks)));
      return this.#decide(x, operation, combine(head, body));
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
  #reportRequest(x: Exchange, judging: Judging, copy: Copy | undefined): void {
    judging.requestDone = true;
    const refused = x.answer !== undefined && isServices(x.answer) && x.answer.status >= 400 && x.answer.status < 500;
    const tell = refused && !this.#config.countRefused ? 'count_only' : 'tell';
    const { operation } = x;
    if (operation === undefined) {
      if (judging.plan.undocumented !== 'report') return;
      return this.#record.verdict(x, 'request', { is: 'invalid', violations: [unknownRoute(x)] }, 'report', tell);
    }
    const outcome = this.#record.timed('request', () => {
      const head = operation.checkRequestHead(x.request, paramsOf(x));
      const looks = x.requestBody.state === 'none' ? false : operation.looksAtBody('request', x.request, undefined);
      if (looks !== true) return combine(head, bodyless(x, operation, looks));
      if (copy?.chunks === undefined) return combine(head, skipped(copy?.unread ?? 'overload'));
      return combine(head, operation.checkRequestBody(x.request, parsed(copy.chunks)));
    });
    this.#record.verdict(x, 'request', outcome, 'report', tell);
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

  onResponse(x: Exchange, answer: Answer, judging: Judging): Answer {
    const { operation } = x;
    if (operation === undefined || judging.skip !== undefined) return answer;
    if (!isEnforced(answer, judging.plan) || judging.responseDone) return answer;
    judging.responseDone = true;
    const chunks = typeof answer.body === 'string' ? undefined : [answer.body];
    const outcome = this.#judgeResponse(x, operation, answer, chunks, answer.unread);
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
  ): Outcome {
    // Another protocol from here on: the contract says nothing of it (CP-3).
    if (answer.status === 101) return skipped('stream');
    return this.#record.timed('response', () => {
      const head = operation.checkResponseHead(x.request, answer);
      const looks = operation.looksAtBody('response', x.request, answer);
      if (looks === false) return head;
      if (looks !== true) return combine(head, skipped(looks));
      if (chunks === undefined) return combine(head, skipped(unread ?? 'overload'));
      return combine(head, operation.checkResponseBody(x.request, answer, parsed(chunks)));
    });
  }

  // ---------------------------------------------------------------- after the answer

  onCopy(x: Exchange, side: Side, copy: Copy, judging: Judging): void {
    if (judging.skip !== undefined) return;
    if (side === 'request' && judging.plan.request === 'report' && !judging.requestDone && x.operation !== undefined)
      this.#reportRequest(x, judging, copy);
    if (side === 'response') this.#finishResponse(x, judging, copy);
  }

  onFinish(x: Exchange, end: End, judging: Judging): void {
    if (judging.skip !== undefined) return this.#skip(x, judging, judging.skip);
    if (end === 'client-closed' || x.headAt === undefined) return;
    const owed = x.operation === undefined ? judging.plan.undocumented === 'report' : judging.plan.request === 'report';
    const readable = x.requestBody.state === 'none' || x.requestBody.state === 'ended' || x.operation === undefined;
    if (owed && readable && !judging.requestDone) this.#reportRequest(x, judging, undefined);
    if (end === 'complete') this.#finishResponse(x, judging, undefined);
  }

  /** Report: after the answer has left. `copy` is undefined where the body was not asked for. */
  #finishResponse(x: Exchange, judging: Judging, copy: Copy | undefined): void {
    const { operation, answer } = x;
    if (operation === undefined || answer === undefined || judging.responseDone || !isReported(answer, judging.plan)) return;
    judging.responseDone = true;
    const outcome = this.#judgeResponse(x, operation, answer, copy?.chunks, copy?.unread);
    this.#record.verdict(x, 'response', outcome, 'report', 'tell');
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

function parsed(chunks: readonly Uint8Array[]): ParsedBody | undefined {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  return bytes === 0 ? undefined : new ParsedBody(chunks, bytes);
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
