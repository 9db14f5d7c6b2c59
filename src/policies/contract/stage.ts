import type { BodyLook, Operation, Outcome, Side, SkipReason } from '../../core/contract.ts';
import { type TokenVerdict, orCancelled } from '../../core/credentials.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import { type Answer, type BodyNeed, type Copy, type End, type Maybe, type Policy, type Stage, refuse } from '../../core/stage.ts';
import { AnswerJudge } from './answer-judge.ts';
import { BodyChecks } from './body-checks.ts';
import type { ContractConfig } from './config.ts';
import { Drifting } from './drifting.ts';
import { Ignored } from './ignored.ts';
import { Judging, mayPass } from './judging.ts';
import { next } from './next.ts';
import { paramsOf, tokenOf } from './of-exchange.ts';
import { Passing } from './passing.ts';
import { Plans } from './plan.ts';
import { Record } from './record.ts';
import { ShownValues } from './shown-values.ts';
import {
  combine,
  isUnverified,
  refusalOf,
  refusalOfResponse,
  skipped,
  uncheckedRequest,
  uncheckedResponse,
  unverified,
} from './verdict.ts';
import { bodyless, needsNoRest, unheld } from './unheld.ts';
import { refusalOfUnknown, unknownRoute } from './unknown-route.ts';
import { isEnforced, isReported, isServices } from './whose.ts';

/** Holds an exchange against the route's contract (semantics CP). The match was made before the first stage; here it is judged. */
class ContractStage implements Stage<Judging> {
  readonly name = 'contract';
  readonly #config: ContractConfig;
  readonly #route: RouteSpec;
  readonly #plans: Plans;
  readonly #ignored: Ignored;
  readonly #record: Record;
  readonly #drifting: Drifting;
  readonly #bodies: BodyChecks;
  readonly #answers: AnswerJudge;
  readonly #passing: Passing;
  readonly #deps: Deps;

  constructor(config: ContractConfig, route: RouteSpec, deps: Deps) {
    this.#config = config;
    this.#route = route;
    this.#plans = new Plans(config);
    this.#ignored = new Ignored(config.ignore);
    const shown = new ShownValues(config.showValues);
    this.#drifting = new Drifting(route, deps, this.#ignored, shown);
    this.#record = new Record(route, deps, shown, this.#drifting);
    this.#bodies = new BodyChecks(this.#record, this.#drifting, route, deps, config.maxBodyBytes);
    this.#answers = new AnswerJudge(this.#record, this.#bodies, this.#ignored);
    this.#passing = new Passing(deps, this.#record, this.#ignored);
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
    this.#passing.request(x, operation, looks, judging);
    return undefined;
  }

  #refuseUnknown(x: Exchange, judging: Judging): Answer {
    judging.requestDone = true;
    const violation = unknownRoute(x);
    this.#record.verdict(x, judging, 'request', { is: 'invalid', violations: [violation] }, 'enforce', 'tell');
    return refuse(refusalOfUnknown(x, violation));
  }

  #enforce(x: Exchange, operation: Operation, looks: BodyLook, judging: Judging): Maybe<Answer | undefined> {
    judging.requestDone = true;
    const token = tokenOf(x, operation);
    if (!(token instanceof Promise)) return this.#enforceHead(x, operation, looks, token, judging);
    const from = this.#deps.clock.monotonicMs();
    return orCancelled(x, token).then((late) => {
      x.waitedMs += this.#deps.clock.monotonicMs() - from;
      return late === 'cancelled' ? undefined : this.#enforceHead(x, operation, looks, late, judging);
    });
  }

  #enforceHead(
    x: Exchange,
    operation: Operation,
    looks: BodyLook,
    token: TokenVerdict | undefined,
    judging: Judging,
  ): Maybe<Answer | undefined> {
    const begin = this.#record.now();
    const head = this.#ignored.without(operation.checkRequestHead(x.request, paramsOf(x), token));
    this.#record.took('request', begin);
    const decided = head.is === 'invalid' || (isUnverified(head) && this.#config.onUnchecked === 'refuse');
    if (looks === 'items' && !decided) {
      // CP-3: never held. What is found is told when it has gone by.
      judging.requestHead = head;
      this.#passing.request(x, operation, looks, judging);
      return undefined;
    }
    if (decided || (looks !== true && looks !== 'parts'))
      return this.#decide(x, judging, operation, combine(head, bodyless(x, operation, looks)));
    const whole = x.requestBody.whole(this.#config.maxBodyBytes);
    const judge = (chunks: Awaited<typeof whole>): Maybe<Answer | undefined> => {
      if (chunks === 'cancelled') return undefined;
      if (typeof chunks === 'string') return this.#decide(x, judging, operation, combine(head, skipped(chunks)));
      return next(this.#bodies.request(x, judging, operation, chunks, this.#record.now(), 'exchange'), (body) =>
        this.#decide(x, judging, operation, combine(head, body)),
      );
    };
    if (!(whole instanceof Promise)) return judge(whole);
    const from = this.#deps.clock.monotonicMs();
    return whole.then((chunks) => {
      x.waitedMs += this.#deps.clock.monotonicMs() - from;
      return judge(chunks);
    });
  }

  #decide(x: Exchange, judging: Judging, operation: Operation, outcome: Outcome): Answer | undefined {
    this.#record.verdict(x, judging, 'request', outcome, 'enforce', 'tell');
    if (outcome.is === 'invalid') return refuse(refusalOf(operation, outcome.violations));
    if (outcome.is !== 'skipped' || this.#config.onUnchecked !== 'refuse') return undefined;
    const refusal = isUnverified(outcome) ? unverified(operation, x.credentials) : uncheckedRequest(outcome.reason);
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
      return this.#record.verdict(x, judging, 'request', { is: 'invalid', violations: [unknownRoute(x)] }, 'report', tell);
    }
    const token = tokenOf(x, operation);
    if (token instanceof Promise) return token.then((late) => this.#report(x, judging, operation, late, copy, tell));
    return this.#report(x, judging, operation, token, copy, tell);
  }

  #report(
    x: Exchange,
    judging: Judging,
    operation: Operation,
    token: TokenVerdict | undefined,
    copy: Copy | undefined,
    tell: 'tell' | 'count_only',
  ): Maybe<void> {
    const begin = this.#record.now();
    const head = this.#ignored.without(operation.checkRequestHead(x.request, paramsOf(x), token));
    const looks = x.requestBody.state === 'none' ? false : operation.looksAtBody('request', x.request, undefined);
    if (looks === true && copy?.chunks !== undefined)
      return next(this.#bodies.request(x, judging, operation, copy.chunks, begin, 'nothing'), (body) =>
        this.#record.verdict(x, judging, 'request', combine(head, body), 'report', tell),
      );
    const { requestTap: tap } = judging;
    const body = looks === false ? bodyless(x, operation, looks) : unheld(looks, tap, copy?.unread);
    this.#record.took('request', begin - (tap?.spentMs ?? 0));
    this.#record.verdict(x, judging, 'request', combine(head, body), 'report', tell);
  }

  // ---------------------------------------------------------------- response

  responseBody(x: Exchange, answer: Answer, judging: Judging): BodyNeed {
    const { operation } = x;
    if (operation === undefined || judging.skip !== undefined) return undefined;
    const reports = isReported(answer, judging.plan);
    if (!reports && !isEnforced(answer, judging.plan)) return undefined;
    const looks = operation.looksAtBody('response', x.request, answer);
    if (looks === 'items' || (looks === 'parts' && reports))
      return this.#passing.response(x, operation, looks, answer, judging, () => this.#beginItems(x, judging));
    if (looks !== true && looks !== 'parts') return undefined;
    if (!reports) return { as: 'whole', maxBytes: this.#config.maxBodyBytes };
    return this.#deps.overloaded() ? undefined : { as: 'copy', maxBytes: this.#config.maxBodyBytes };
  }

  onResponse(x: Exchange, answer: Answer, judging: Judging): Maybe<Answer> {
    const { operation } = x;
    if (operation === undefined || judging.skip !== undefined) return answer;
    if (!isEnforced(answer, judging.plan) || judging.responseDone) return answer;
    judging.held = answer;
    if (mayPass(answer, judging) && operation.looksAtBody('response', x.request, answer) === 'items')
      return this.#headOfItems(x, operation, answer, judging);
    judging.responseDone = true;
    const chunks = typeof answer.body === 'string' ? undefined : [answer.body];
    return next(this.#answers.judge(x, judging, operation, answer, chunks, answer.unread, 'exchange', undefined), (outcome) =>
      this.#held(x, judging, answer, outcome),
    );
  }

  /** CP-3: never held. Its head is enforced; what is found in the items is told when they have gone by. */
  #headOfItems(x: Exchange, operation: Operation, answer: Answer, judging: Judging): Answer {
    const head = this.#ignored.without(operation.checkResponseHead(x.request, answer));
    judging.responseItems = head.is !== 'invalid';
    if (judging.responseItems) return answer;
    judging.responseDone = true;
    return this.#held(x, judging, answer, head);
  }

  /** Enforce: the verdict on an answer that was held back for it. */
  #held(x: Exchange, judging: Judging, answer: Answer, outcome: Outcome): Answer {
    this.#record.verdict(x, judging, 'response', outcome, 'enforce', 'tell');
    if (outcome.is === 'invalid') return refuse(refusalOfResponse(outcome.violations, answer.status));
    if (outcome.is !== 'skipped' || this.#config.onUnchecked !== 'refuse') return answer;
    const refusal = uncheckedResponse(outcome.reason, answer.status);
    return refusal === undefined ? answer : refuse(refusal);
  }

  // ---------------------------------------------------------------- after the answer

  onCopy(x: Exchange, side: Side, copy: Copy, judging: Judging): Maybe<void> {
    if (judging.skip !== undefined) return undefined;
    if (side === 'response') return this.#finishResponse(x, judging, copy);
    const owed = judging.plan.request === 'report' && !judging.requestDone && x.operation !== undefined && judging.requestTap === undefined;
    return owed ? this.#reportRequest(x, judging, copy) : undefined;
  }

  onFinish(x: Exchange, end: End, judging: Judging): void {
    if (judging.skip !== undefined) return this.#skip(x, judging, judging.skip);
    // First: a verdict that is reached from here on tells by itself.
    this.#drifting.ofBoth(x, judging);
    const { state } = x.requestBody;
    const isWhole = state === 'none' || state === 'ended' || x.operation === undefined;
    if ((isWhole && x.headAt !== undefined && end !== 'client-closed') || this.#passing.hasSaid(x, judging))
      this.#finishRequest(x, judging);
    if (x.headAt !== undefined && (end === 'complete' || needsNoRest(x))) void this.#finishResponse(x, judging, undefined);
  }

  /** The first items of an answer may be the beginning of hours: what is known of a request without a body is told now. */
  #beginItems(x: Exchange, judging: Judging): void {
    if (x.requestBody.state === 'none' && judging.plan.request === 'report' && !judging.requestDone)
      void this.#reportRequest(x, judging, undefined);
  }

  #finishRequest(x: Exchange, judging: Judging): void {
    if (judging.requestHead !== undefined)
      this.#record.verdict(
        x,
        judging,
        'request',
        combine(judging.requestHead, unheld('items', judging.requestTap, undefined)),
        'report',
        'tell',
      );
    const owed = x.operation === undefined ? judging.plan.undocumented === 'report' : judging.plan.request === 'report';
    // Without bytes there is nothing to wait for.
    if (owed && !judging.requestDone) void this.#reportRequest(x, judging, undefined);
  }

  /** Report: after the answer has left. `copy` is undefined where the body was not asked for. */
  #finishResponse(x: Exchange, judging: Judging, copy: Copy | undefined): Maybe<void> {
    const { operation, answer } = x;
    if (operation === undefined || answer === undefined || judging.responseDone) return undefined;
    if (!isReported(answer, judging.plan) && !judging.responseItems) return undefined;
    judging.responseDone = true;
    return next(
      this.#answers.judge(x, judging, operation, answer, copy?.chunks, copy?.unread, 'nothing', judging.responseTaps),
      (outcome) => this.#record.verdict(x, judging, 'response', outcome, 'report', 'tell'),
    );
  }

  #skip(x: Exchange, judging: Judging, reason: SkipReason): void {
    const { plan } = judging;
    if (plan.request !== 'off') this.#record.verdict(x, judging, 'request', skipped(reason), plan.request, 'tell');
    if (plan.response !== 'off') this.#record.verdict(x, judging, 'response', skipped(reason), plan.response, 'tell');
  }
}

export const contract = {
  name: 'contract',
  compile: (config, route, deps) =>
    route.contract === undefined && !route.contractMissing ? undefined : new ContractStage(config, route, deps),
} satisfies Policy<'contract', ContractConfig>;
