/**
 * One exchange on its way: down through the request stages, through the attempt loop, up again, and the finish of every stage
 * that was entered, exactly once, wherever it turned round or broke off.
 */
import { forwardHeaders } from '../core/edits.ts';
import type { Exchange, Keeper } from '../core/exchange.ts';
import { type RawHeaders, headerValues } from '../core/headers.ts';
import type { ByteChannel, Downstream, DownstreamEvents, Task, Timer } from '../core/ports.ts';
import { type Rejection, rejection } from '../core/rejection.ts';
import { type Answer, type BodyTap, type Copy, type End, refuse } from '../core/stage.ts';
import { AttemptLoop, type LoopHost } from './attempt-loop.ts';
import type { RequestBodyReader } from './body.ts';
import type { CompiledRoute } from './compile.ts';
import { Copies } from './copies.ts';
import { Delivery, type DeliveryHost } from './delivery.ts';
import { problemAnswer } from './problem.ts';
import type { ResponseBody } from './response-body.ts';
import type { RunDeps } from './run-deps.ts';
import { StageWalk, type WalkHost } from './stage-walk.ts';
import { Taps } from './taps.ts';
import { Upgrade } from './upgrade.ts';

export class Run implements DownstreamEvents, DeliveryHost, Keeper, LoopHost, Task, WalkHost {
  readonly #x: Exchange;
  readonly #body: RequestBodyReader;
  readonly #down: Downstream;
  readonly #deps: RunDeps;
  readonly #walk: StageWalk;
  readonly #loop: AttemptLoop;
  readonly #delivery: Delivery;
  readonly #copies: Copies;
  readonly #done: (x: Exchange) => void;
  #responseBody: ResponseBody | undefined = undefined;
  #upgrade: Upgrade | undefined = undefined;
  #upstreamAnswer: Answer | undefined = undefined;
  /** The copy of an answer that a stage put in the place of the upstream's. */
  #replacement: Copy | undefined = undefined;
  /** Who wants to see such an answer go by. */
  #replacementTaps: Taps | undefined = undefined;
  /** An answer has turned round: nothing can be cancelled any more. */
  #turned = false;
  /** All stages have seen the answer: only then may they be left. */
  #delivered = false;
  #end: End = 'complete';
  #finished = false;
  /** Bounds an exchange that nobody waits for and that has no deadline. */
  #alone: Timer | undefined = undefined;

  constructor(route: CompiledRoute, x: Exchange, body: RequestBodyReader, down: Downstream, deps: RunDeps, done: (x: Exchange) => void) {
    this.#x = x;
    this.#body = body;
    this.#down = down;
    this.#deps = deps;
    this.#done = done;
    this.#walk = new StageWalk(route, x, this);
    this.#loop = new AttemptLoop(route, x, body, this, deps);
    this.#delivery = new Delivery(x, body, down, deps.timers, this);
    this.#copies = new Copies(route, x, this.#walk.states, this);
    x.keeper = this;
    down.listen(this);
  }

  /** `refusal`: what was wrong with the message before there was a route; it passes the stages like any other answer. */
  start(refusal: Rejection | undefined): void {
    this.#walk.enter(0, refusal === undefined ? undefined : refuse(refusal));
  }

  // ---------------------------------------------------------------- the walk's host, and the attempt loop's

  descended(): void {
    if (this.#x.request.upgrade !== undefined) {
      if (!this.#deps.upgrades.take()) return this.#walk.turn(NO_UPGRADES);
      this.#upgrade = new Upgrade(this.#deps.upgrades);
    }
    this.#loop.begin();
  }

  cancelled(r: Rejection): void {
    this.#loop.cancel(r);
  }

  turned(): void {
    this.#turned = true;
    this.#x.settled = true;
  }

  bodyNeeds(answer: Answer, body: ResponseBody): number | undefined {
    const { wholeBytes, copyBytes, taps } = this.#walk.needs(answer);
    if (taps !== undefined) body.tap(this.#tapsOf(taps));
    if (copyBytes !== undefined) body.copy(copyBytes);
    return wholeBytes;
  }

  answered(answer: Answer, body: ResponseBody | undefined, channel: ByteChannel | undefined): void {
    this.#responseBody = body;
    if (channel !== undefined) this.#upgrade?.granted(channel);
    this.#upstreamAnswer = answer;
    this.#walk.turn(answer);
  }

  onInfo(status: number, headers: RawHeaders): void {
    if (!this.#turned && this.#end === 'complete') this.#delivery.info(status, headers);
  }

  streamBroken(r: Rejection): void {
    if (this.#finished || this.#end !== 'complete') return;
    this.#x.brokenBy = r.code;
    this.#breakOff('upstream-broken');
  }

  bug(stage: string, hook: string, error: unknown): void {
    this.#deps.bug(this.#x, stage, hook, error);
  }

  // ---------------------------------------------------------------- the answer

  ascended(given: Answer): void {
    const x = this.#x;
    const stream = given.body === 'stream';
    const answer = given.rejection === undefined ? given : problemAnswer(x, given, given.rejection, this.#deps.errorDetail);
    x.answer = answer;
    this.#delivered = true;
    if (given !== this.#upstreamAnswer && !stream) this.#replace(answer);
    if (this.#end !== 'complete' || x.cancelled?.code === 'CLIENT_CLOSED') {
      if (this.#end === 'complete') this.#end = 'client-closed';
      this.#dropUpstream();
      return this.settle();
    }
    x.headAt = this.#deps.clock.monotonicMs();
    const headers = forwardHeaders(answer.headers, x.responseEdits);
    // Which protocol to ask for is all that a 426 has to say (RFC 9110 §15.5.22), though the field is otherwise one connection's own.
    if (answer.status === 426) for (const value of headerValues(answer.headers, 'upgrade')) headers.push('Upgrade', value);
    if (this.#upgrade?.isGranted === true)
      return this.#upgrade.join(answer.headers, headers, this.#down, this.#deps.timers, this.#tunnelEnded);
    if (stream) this.#delivery.stream(answer.status, headers, this.#responseBody as ResponseBody);
    else this.#delivery.whole(answer, headers, given === this.#upstreamAnswer ? this.#responseBody?.trailers : undefined);
    if (this.#body.copyWanted && this.#body.ended) this.#deps.afterwork.add({ work: () => void this.#copies.request(this.#body) });
  }

  readonly #tunnelEnded = (end: End): void => {
    if (end === 'client-closed') this.#x.brokenBy ??= 'CLIENT_CLOSED';
    if (end === 'upstream-broken') this.#x.brokenBy ??= 'UPSTREAM_RESET';
    if (this.#end === 'complete') this.#end = end;
    this.settle();
  };

  #replace(answer: Answer): void {
    this.#dropUpstream();
    const { copyBytes, taps } = this.#walk.needs(answer);
    const bytes = answer.body as Uint8Array;
    if (taps !== undefined) this.#replacementTaps = this.#tapsOf(taps);
    if (copyBytes === undefined) return;
    const fits = bytes.byteLength <= copyBytes;
    this.#replacement = { chunks: fits ? [bytes] : undefined, unread: fits ? undefined : 'too_large', bytes: bytes.byteLength };
  }

  /** The upstream's body has no reader any more. */
  #dropUpstream(): void {
    const body = this.#responseBody;
    this.#responseBody = undefined;
    body?.discard();
    this.#upgrade?.drop();
  }

  // ---------------------------------------------------------------- the client's side

  onBodyData(chunk: Uint8Array): void {
    this.#x.activeAt = this.#deps.clock.monotonicMs();
    this.#body.onData(chunk);
  }

  onBodyEnd(): void {
    if (this.#x.headAt === undefined) this.#x.owedFrom = this.#deps.clock.monotonicMs();
    this.#body.onEnd();
    if (this.#body.copyWanted && this.#x.headAt !== undefined) void this.#copies.request(this.#body);
    this.settle();
  }

  onDrain(): void {
    this.#x.activeAt = this.#deps.clock.monotonicMs();
    this.#responseBody?.onDrain();
  }

  onFlushed(): void {
    this.#delivery.onFlushed();
  }

  /** An answer that is here goes out all the same, unless it is a stream: that one would never be whole for who sends nonsense. */
  onMalformed(r: Rejection): void {
    if (this.#finished) return;
    this.#body.onBroken();
    if (!this.#turned) return this.#x.cancel(r);
    if (!this.#delivery.streaming || this.#end !== 'complete') return this.settle();
    this.#x.brokenBy = r.code;
    this.#breakOff('cut');
  }

  onGone(): void {
    if (this.#finished) return;
    this.#body.onBroken();
    if (this.#delivery.leftAnswered() || this.#end !== 'complete') return this.settle();
    this.#x.brokenBy = 'CLIENT_CLOSED';
    if (this.#x.detached && this.#body.ended && !this.#delivered) return this.#goOnAlone();
    if (!this.#turned) return this.#x.cancel(rejection('CLIENT_CLOSED', 'the client left'));
    this.#end = 'client-closed';
    this.#loop.abandon('client-closed');
    this.settle();
  }

  /** What the upstream makes of it is to be remembered: the exchange goes on to its deadline without the client (ID-3). */
  #goOnAlone(): void {
    this.#end = 'client-closed';
    if (this.#x.deadlineAt !== undefined || this.#turned) return;
    this.#alone = this.#deps.timers.after(ALONE_MS, () => this.#x.cancel(LEFT_ALONE));
  }

  cut(why: Rejection): void {
    if (this.#finished) return;
    if (!this.#turned) return this.#x.cancel(why);
    if (this.#end !== 'complete') return;
    this.#x.brokenBy = why.code;
    this.#breakOff('cut');
  }

  /** The answer is on its way and can't be completed: the client must see that (EV-7). */
  #breakOff(end: End): void {
    this.#end = end;
    this.#loop.abandon(end);
    this.#body.onBroken();
    if (this.#upgrade?.isJoined === true) this.#upgrade.cut();
    else this.#delivery.abort();
    this.settle();
  }

  // ---------------------------------------------------------------- finish

  /** Finishes when nothing more can happen on either side. */
  settle(): void {
    if (this.#finished || !this.#delivered) return;
    if (this.#upgrade?.isJoined === true ? !this.#upgrade.over : this.#end === 'complete' && !this.#delivery.over) return;
    this.#finished = true;
    this.#alone?.cancel();
    const x = this.#x;
    x.end = this.#end;
    x.endedAt = this.#deps.clock.monotonicMs();
    x.responseBytes = this.#delivery.sentBytes + (this.#upgrade?.sentBytes ?? 0);
    x.upgradedBytes = this.#upgrade?.receivedBytes ?? 0;
    this.#deps.afterwork.add(this);
  }

  /** What comes after the exchange: copies are looked at, and the stages left, which need the verdicts. */
  work(): void {
    this.#endTaps();
    const waited = this.#copies.rest(this.#body, this.#end === 'complete' ? this.#responseCopy() : undefined);
    if (waited instanceof Promise) void waited.then(() => this.#finish());
    else this.#finish();
  }

  #tapsOf(wanted: readonly BodyTap[]): Taps {
    const taps = new Taps(this.#deps.budget, this);
    for (const tap of wanted) taps.add(tap);
    return taps;
  }

  #endTaps(): void {
    this.#body.endTaps();
    this.#responseBody?.endTaps();
    if (this.#end !== 'complete') return this.#replacementTaps?.drop();
    const body = this.#x.answer?.body;
    if (this.#replacementTaps === undefined || !(body instanceof Uint8Array)) return;
    this.#replacementTaps.show(body);
    this.#replacementTaps.end(body.byteLength);
  }

  #responseCopy(): Copy | undefined {
    const body = this.#responseBody;
    return body?.ended === true && body.copyWanted ? body.takeCopy() : this.#replacement;
  }

  #finish(): void {
    this.#loop.abandon(this.#end === 'complete' && this.#upgrade?.isJoined !== true ? 'superseded' : this.#end);
    this.#walk.finish(this.#end);
    this.#responseBody?.release();
    this.#body.release();
    this.#upgrade?.release();
    this.#done(this.#x);
  }
}

/** As long as a claim without a deadline is locked (ID-2). */
const ALONE_MS = 60_000;
const LEFT_ALONE = rejection('UPSTREAM_TIMEOUT', 'no answer came, and the client has left');

const NO_UPGRADES = refuse(rejection('OVERLOADED', 'too many upgraded connections are open', { headers: ['Retry-After', '1'] }));
