/** The attempt loop: tries until the retry plan has no more to say (semantics RT). */
import type { Exchange } from '../core/exchange.ts';
import type { RawHeaders } from '../core/headers.ts';
import type { ByteChannel } from '../core/ports.ts';
import { type Rejection, type RejectionCode, rejection } from '../core/rejection.ts';
import { type Answer, type AttemptEnd, refuse } from '../core/stage.ts';
import { type AttemptHost, AttemptRun } from './attempt-run.ts';
import type { RequestBodyReader } from './body.ts';
import type { CompiledRoute } from './compile.ts';
import type { ResponseBody } from './response-body.ts';
import type { RunDeps } from './run-deps.ts';

/** Bodies that announce no more than this are read before the first try and sent in one piece. */
const COLLECT_BYTES = 64 * 1024;

export interface LoopHost {
  bodyNeeds(answer: Answer, body: ResponseBody): number | undefined;
  /** An answer to turn round with. */
  answered(answer: Answer, body: ResponseBody | undefined, channel: ByteChannel | undefined): void;
  onInfo(status: number, headers: RawHeaders): void;
  streamBroken(r: Rejection): void;
  bug(stage: string, hook: string, error: unknown): void;
}

export class AttemptLoop implements AttemptHost {
  readonly #route: CompiledRoute;
  readonly #x: Exchange;
  readonly #requestBody: RequestBodyReader;
  readonly #host: LoopHost;
  readonly #deps: RunDeps;
  #attempt: AttemptRun | undefined = undefined;
  /** Tries that others took over from; what is left of their bodies may still be drained. */
  readonly #superseded: AttemptRun[] = [];
  /** The last try's answer, while the next one may still be refused by a stage of ours (RT-8). */
  #atHand: { readonly answer: Answer; readonly body: ResponseBody | undefined } | undefined = undefined;

  constructor(route: CompiledRoute, x: Exchange, requestBody: RequestBodyReader, host: LoopHost, deps: RunDeps) {
    this.#route = route;
    this.#x = x;
    this.#requestBody = requestBody;
    this.#host = host;
    this.#deps = deps;
  }

  begin(): void {
    const body = this.#requestBody;
    if (this.#route.upstream === undefined) return this.#host.answered(NO_ROUTE, undefined, undefined);
    body.keep(this.#route.retryPlan.keepBytes);
    const collects = body.length !== undefined && body.length <= COLLECT_BYTES && (this.#x.detached || !body.pendingContinue);
    if (!collects || body.state === 'none') {
      if (this.#x.detached) body.readAhead(); // ID-3: not only when a try has its turn
      return this.#try();
    }
    const collected = body.whole(COLLECT_BYTES);
    if (!(collected instanceof Promise)) return this.#try();
    const from = this.#deps.clock.monotonicMs();
    void collected.then(() => {
      this.#x.waitedMs += this.#deps.clock.monotonicMs() - from;
      this.#try();
    });
  }

  cancel(r: Rejection): void {
    this.#attempt?.t.cancel(r);
  }

  /** Ends whatever is still going on with the upstream. Does nothing to a try that has ended. */
  abandon(end: AttemptEnd): void {
    this.#attempt?.abandon(end);
    for (const attempt of this.#superseded) attempt.abandon(end);
  }

  bodyNeeds(answer: Answer, body: ResponseBody): number | undefined {
    return this.#host.bodyNeeds(answer, body);
  }

  onInfo(status: number, headers: RawHeaders): void {
    this.#host.onInfo(status, headers);
  }

  streamBroken(r: Rejection): void {
    this.#host.streamBroken(r);
  }

  bug(stage: string, hook: string, error: unknown): void {
    this.#host.bug(stage, hook, error);
  }

  answered(answer: Answer, body: ResponseBody | undefined, attempt: AttemptRun): void {
    const x = this.#x;
    if (this.#atHand !== undefined && x.cancelled === undefined && REFUSALS.has(answer.rejection?.code)) {
      if (answer.rejection?.code === 'CIRCUIT_OPEN') x.retrySuppressed = 'circuit';
      return this.#host.answered(this.#atHand.answer, this.#atHand.body, undefined);
    }
    if (attempt.t.sent !== 'nothing') x.unanswered = answer.rejection?.code; // the upstream's own answers have none
    const once = x.cancelled !== undefined || x.request.upgrade !== undefined; // EV-8: what asks for another protocol is not tried again
    const verdict = once ? undefined : this.#route.retryPlan.next(x, attempt.t, answer, this.#admitted);
    if (typeof verdict !== 'object') {
      x.retrySuppressed = verdict;
      this.#dropAtHand();
      return this.#host.answered(answer, body, attempt.channel);
    }
    x.retryReasons.push(answer.rejection?.code ?? String(answer.status));
    this.#requestBody.detach();
    this.#dropAtHand();
    this.#superseded.push(attempt);
    attempt.supersede(answer);
    this.#attempt = undefined;
    if (verdict.delayMs <= 0) this.#try();
    else this.#wait(verdict.delayMs);
  }

  setAside(answer: Answer, body: ResponseBody | undefined): void {
    this.#atHand = { answer, body };
  }

  #dropAtHand(): void {
    this.#atHand = undefined;
    this.#superseded.at(-1)?.discard();
  }

  readonly #admitted = (): boolean => this.#route.attempts.every(({ stage }) => stage.admits?.(this.#x) !== false);

  #try(): void {
    const x = this.#x;
    if (x.cancelled !== undefined) return this.#host.answered(refuse(x.cancelled), undefined, undefined);
    x.attempts += 1;
    this.#attempt = new AttemptRun(this.#route, x, this.#requestBody, this, this.#deps);
    this.#attempt.enter(0);
  }

  #wait(delayMs: number): void {
    const { clock, timers } = this.#deps;
    const from = clock.monotonicMs();
    const over = (): void => {
      this.#x.waitedMs += clock.monotonicMs() - from;
      this.#try();
    };
    let withdraw = (): void => undefined;
    const timer = timers.after(delayMs, () => {
      withdraw();
      over();
    });
    withdraw = this.#x.onCancel(() => {
      timer.cancel();
      over();
    });
  }
}

/** What says nothing about the upstream: a circuit that opened during the pause, a place that another request has meanwhile. */
const REFUSALS: ReadonlySet<RejectionCode | undefined> = new Set<RejectionCode>(['CIRCUIT_OPEN', 'CONCURRENCY_LIMIT']);

const NO_ROUTE = refuse(rejection('OPERATION_NOT_FOUND', 'no route matches this request'));
