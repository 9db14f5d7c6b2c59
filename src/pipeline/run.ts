/**
 * One exchange on its way: down through the request stages, through the attempt loop, up again, and the finish of every stage
 * that was entered, exactly once, wherever it turned round or broke off.
 */
import { forwardHeaders } from '../core/edits.ts';
import type { Exchange } from '../core/exchange.ts';
import type { RawHeaders } from '../core/headers.ts';
import type { Downstream, DownstreamEvents } from '../core/ports.ts';
import { type Rejection, rejection } from '../core/rejection.ts';
import { type Answer, type Copy, type End, type Maybe, refuse } from '../core/stage.ts';
import { AttemptLoop, type LoopHost } from './attempt-loop.ts';
import type { RequestBodyReader } from './body.ts';
import type { CompiledRoute, Slot } from './compile.ts';
import { Copies } from './copies.ts';
import { Delivery } from './delivery.ts';
import { problemAnswer } from './problem.ts';
import type { ResponseBody } from './response-body.ts';
import type { RunDeps } from './run-deps.ts';

export class Run implements DownstreamEvents, LoopHost {
  readonly #route: CompiledRoute;
  readonly #x: Exchange;
  readonly #body: RequestBodyReader;
  readonly #deps: RunDeps;
  readonly #loop: AttemptLoop;
  readonly #delivery: Delivery;
  readonly #states: unknown[] = [];
  readonly #copies: Copies;
  readonly #done: (x: Exchange) => void;
  #entered = 0;
  #responseBody: ResponseBody | undefined = undefined;
  #upstreamAnswer: Answer | undefined = undefined;
  /** The copy of an answer that a stage put in the place of the upstream's. */
  #replacement: Copy | undefined = undefined;
  /** An answer has turned round: nothing can be cancelled any more. */
  #turned = false;
  /** All stages have seen the answer: only then may they be left. */
  #delivered = false;
  #end: End = 'complete';
  #finished = false;

  constructor(route: CompiledRoute, x: Exchange, body: RequestBodyReader, down: Downstream, deps: RunDeps, done: (x: Exchange) => void) {
    this.#route = route;
    this.#x = x;
    this.#body = body;
    this.#deps = deps;
    this.#done = done;
    this.#loop = new AttemptLoop(route, x, body, this, deps);
    this.#delivery = new Delivery(x, body, down, deps.timers, () => this.#settle());
    this.#copies = new Copies(route, x, this.#states, (stage, hook, error) => this.bug(stage, hook, error));
    x.cut = (why) => this.#cut(why);
    down.listen(this);
  }

  /** `refusal`: what was wrong with the message before there was a route; it passes the stages like any other answer. */
  start(refusal: Rejection | undefined): void {
    if (refusal === undefined) this.#enter(0, undefined);
    else this.#enter(0, refuse(refusal));
  }

  // ---------------------------------------------------------------- down

  #enter(from: number, waiting: Answer | undefined): void {
    const slots = this.#route.stages;
    for (let i = from; i < slots.length; i++) {
      const { stage } = slots[i] as Slot;
      let result: Maybe<Answer | undefined>;
      try {
        this.#states[i] = stage.open?.(this.#x);
        this.#entered = i + 1;
        result = stage.onRequest?.(this.#x, this.#states[i]);
      } catch (error) {
        return this.#failed(stage.name, error, i);
      }
      if (result instanceof Promise) {
        result.then(
          (answer) => {
            if (!this.#turnedAt(answer, i)) this.#enter(i + 1, waiting);
          },
          (error: unknown) => this.#failed(stage.name, error, i),
        );
        return;
      }
      if (this.#turnedAt(result, i)) return;
    }
    if (waiting === undefined) this.#loop.begin();
    else this.#turn(waiting, slots.length - 1);
  }

  #turnedAt(answer: Answer | undefined, i: number): boolean {
    if (answer !== undefined) this.#turn(answer, i - 1);
    else if (this.#x.cancelled !== undefined) this.#turn(refuse(this.#x.cancelled), i);
    else return false;
    return true;
  }

  #failed(stage: string, error: unknown, i: number): void {
    this.bug(stage, 'onRequest', error);
    this.#turn(INTERNAL, i - 1);
  }

  // ---------------------------------------------------------------- the attempt loop's host

  bodyNeeds(answer: Answer, body: ResponseBody): number | undefined {
    const { wholeBytes, copyBytes } = this.#ask(answer);
    if (copyBytes !== undefined) body.copy(copyBytes);
    return wholeBytes;
  }

  #ask(answer: Answer): { wholeBytes: number | undefined; copyBytes: number | undefined } {
    let wholeBytes: number | undefined;
    let copyBytes: number | undefined;
    for (const { stage, index } of this.#route.asking) {
      if (index >= this.#entered) break; // it turned round further out: this one knows nothing of the exchange
      try {
        const need = stage.responseBody?.(this.#x, answer, this.#states[index]);
        if (need === undefined) continue;
        if (need.as === 'copy') copyBytes = Math.max(copyBytes ?? 0, need.maxBytes);
        else wholeBytes = Math.max(wholeBytes ?? 0, need.maxBytes);
      } catch (error) {
        this.bug(stage.name, 'responseBody', error);
      }
    }
    return { wholeBytes, copyBytes };
  }

  answered(answer: Answer, body: ResponseBody | undefined): void {
    this.#responseBody = body;
    this.#upstreamAnswer = answer;
    this.#turn(answer, this.#entered - 1);
  }

  onInfo(status: number, headers: RawHeaders): void {
    if (!this.#turned) this.#delivery.info(status, headers);
  }

  streamBroken(r: Rejection): void {
    if (this.#finished || this.#end !== 'complete') return;
    this.#x.brokenBy = r.code;
    this.#breakOff('upstream-broken');
  }

  bug(stage: string, hook: string, error: unknown): void {
    this.#deps.bug(this.#x, stage, hook, error);
  }

  // ---------------------------------------------------------------- up

  #turn(answer: Answer, from: number): void {
    this.#turned = true;
    this.#x.settled = true;
    this.#leave(answer, from);
  }

  #leave(start: Answer, from: number): void {
    let answer = start;
    for (let i = from; i >= 0; i--) {
      const { stage } = this.#route.stages[i] as Slot;
      if (stage.onResponse === undefined) continue;
      let result: Maybe<Answer>;
      try {
        result = stage.onResponse(this.#x, answer, this.#states[i]);
      } catch (error) {
        this.bug(stage.name, 'onResponse', error);
        result = INTERNAL;
      }
      if (result instanceof Promise) {
        result.then(
          (next) => this.#leave(next, i - 1),
          (error: unknown) => {
            this.bug(stage.name, 'onResponse', error);
            this.#leave(INTERNAL, i - 1);
          },
        );
        return;
      }
      answer = result;
    }
    this.#deliver(answer);
  }

  #deliver(given: Answer): void {
    const x = this.#x;
    const stream = given.body === 'stream';
    const answer = given.rejection === undefined ? given : problemAnswer(x, given, given.rejection, this.#deps.errorDetail);
    x.answer = answer;
    this.#delivered = true;
    if (given !== this.#upstreamAnswer && !stream) this.#replace(answer);
    if (this.#end !== 'complete' || x.cancelled?.code === 'CLIENT_CLOSED') {
      if (this.#end === 'complete') this.#end = 'client-closed';
      this.#dropUpstream();
      return this.#settle();
    }
    x.headAt = this.#deps.clock.monotonicMs();
    const headers = forwardHeaders(answer.headers, x.responseEdits);
    if (stream) this.#delivery.stream(answer.status, headers, this.#responseBody as ResponseBody);
    else this.#delivery.whole(answer, headers, given === this.#upstreamAnswer ? this.#responseBody?.trailers : undefined);
    if (this.#body.copyWanted && this.#body.ended) queueMicrotask(() => void this.#copies.request(this.#body));
  }

  #replace(answer: Answer): void {
    this.#dropUpstream();
    const { copyBytes } = this.#ask(answer);
    const bytes = answer.body as Uint8Array;
    if (copyBytes === undefined) return;
    const fits = bytes.byteLength <= copyBytes;
    this.#replacement = { chunks: fits ? [bytes] : undefined, unread: fits ? undefined : 'too_large', bytes: bytes.byteLength };
  }

  /** The upstream's body has no reader any more. */
  #dropUpstream(): void {
    const body = this.#responseBody;
    this.#responseBody = undefined;
    body?.discard();
  }

  // ---------------------------------------------------------------- the client's side

  onBodyData(chunk: Uint8Array): void {
    this.#x.activeAt = this.#deps.clock.monotonicMs();
    this.#body.onData(chunk);
  }

  onBodyEnd(): void {
    this.#body.onEnd();
    if (this.#body.copyWanted && this.#x.headAt !== undefined) void this.#copies.request(this.#body);
    this.#settle();
  }

  onDrain(): void {
    this.#x.activeAt = this.#deps.clock.monotonicMs();
    this.#responseBody?.onDrain();
  }

  onFlushed(): void {
    this.#delivery.onFlushed();
  }

  onGone(): void {
    if (this.#finished) return;
    this.#body.onBroken();
    if (this.#delivery.leftAnswered() || this.#end !== 'complete') return this.#settle();
    this.#x.brokenBy = 'CLIENT_CLOSED';
    if (!this.#turned) return this.#x.cancel(rejection('CLIENT_CLOSED', 'the client left'));
    this.#end = 'client-closed';
    this.#loop.abandon('client-closed');
    this.#settle();
  }

  #cut(why: Rejection): void {
    if (this.#finished || this.#end !== 'complete') return;
    if (!this.#turned) return this.#x.cancel(why);
    this.#x.brokenBy = why.code;
    this.#breakOff('cut');
  }

  /** The answer is on its way and can't be completed: the client must see that (EV-7). */
  #breakOff(end: End): void {
    this.#end = end;
    this.#loop.abandon(end);
    this.#body.onBroken();
    this.#delivery.abort();
    this.#settle();
  }

  // ---------------------------------------------------------------- finish

  /** Finishes when nothing more can happen on either side. */
  #settle(): void {
    if (this.#finished || !this.#delivered) return;
    if (this.#end === 'complete' && !this.#delivery.over) return;
    this.#finished = true;
    void this.#finish();
  }

  async #finish(): Promise<void> {
    const x = this.#x;
    x.end = this.#end;
    x.responseBytes = this.#delivery.sentBytes;
    if (this.#body.ended && x.headAt !== undefined) await this.#copies.request(this.#body);
    const body = this.#responseBody;
    const copy = body?.ended === true && body.copyWanted ? body.takeCopy() : this.#replacement;
    if (this.#end === 'complete' && copy !== undefined) await this.#copies.response(copy);
    this.#loop.abandon(this.#end === 'complete' ? 'superseded' : this.#end);
    for (let i = this.#entered - 1; i >= 0; i--) {
      const { stage } = this.#route.stages[i] as Slot;
      try {
        stage.onFinish?.(x, this.#end, this.#states[i]);
      } catch (error) {
        this.bug(stage.name, 'onFinish', error);
      }
    }
    body?.release();
    this.#body.release();
    this.#done(x);
  }
}

const INTERNAL = refuse(rejection('INTERNAL_ERROR', 'the gateway failed'));
