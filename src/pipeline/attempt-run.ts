/** One try: attempt stages down, the upstream, attempt stages up. */
import { forwardAside, forwardHeaders } from '../core/edits.ts';
import { Attempt, type AttemptKeeper, type Exchange } from '../core/exchange.ts';
import { type RawHeaders, headerValue } from '../core/headers.ts';
import type { BodySource, ByteChannel, Upstream, UpstreamCall, UpstreamSink } from '../core/ports.ts';
import { type Rejection, rejection } from '../core/rejection.ts';
import { type Answer, type AttemptEnd, type Maybe, type Sent, refuse } from '../core/stage.ts';
import type { RequestBodyReader } from './body.ts';
import type { AttemptSlot, CompiledRoute } from './compile.ts';
import { ResponseBody } from './response-body.ts';
import type { RunDeps } from './run-deps.ts';
import { upstreamTarget } from './target.ts';

/** `Expect` is answered by us (EV-4). */
const DROPPED: ReadonlySet<string> = new Set(['expect']);
/** What a service tells the listener that it uses as its proxy is no partner's to read (RFC 9110 §11.7.2). */
const DROPPED_ON_EGRESS: ReadonlySet<string> = new Set(['expect', 'proxy-authorization']);
const ORDER: readonly Sent[] = ['nothing', 'part', 'all'];

export interface AttemptHost {
  /** The most that any stage wants whole of this answer's body; copies are asked of `body` directly. */
  bodyNeeds(answer: Answer, body: ResponseBody): number | undefined;
  /** The try has its answer, and its stages have seen it. `body` is where a stream comes from. */
  answered(answer: Answer, body: ResponseBody | undefined, attempt: AttemptRun): void;
  /** What a try that another took over from was answered, whole. */
  setAside(answer: Answer, body: ResponseBody | undefined): void;
  onInfo(status: number, headers: RawHeaders): void;
  /** After `answered`: the stream broke off. */
  streamBroken(r: Rejection): void;
  bug(stage: string, hook: string, error: unknown): void;
}

export class AttemptRun implements AttemptKeeper, UpstreamSink {
  readonly t: Attempt;
  /** The upstream's connection, where it changed protocols. */
  channel: ByteChannel | undefined = undefined;
  readonly #route: CompiledRoute;
  readonly #x: Exchange;
  readonly #requestBody: RequestBodyReader;
  readonly #host: AttemptHost;
  readonly #deps: RunDeps;
  readonly #states: unknown[] = [];
  #entered = 0;
  #call: UpstreamCall | undefined = undefined;
  #body: ResponseBody | undefined = undefined;
  /** An answer, a fault or a cancel has come; nothing else can become this try's answer. */
  #heard = false;
  /** The stages have seen the answer. */
  #responded = false;
  #finishAs: AttemptEnd | undefined = undefined;
  #finished = false;

  constructor(route: CompiledRoute, x: Exchange, requestBody: RequestBodyReader, host: AttemptHost, deps: RunDeps) {
    this.#route = route;
    this.#x = x;
    this.#requestBody = requestBody;
    this.#host = host;
    this.#deps = deps;
    this.t = new Attempt(x.attempts, deps.clock.monotonicMs());
    this.t.keeper = this;
  }

  /** Enters the attempt stages from `from` on, then sends. */
  enter(from: number): void {
    const slots = this.#route.attempts;
    for (let i = from; i < slots.length; i++) {
      const { stage } = slots[i] as AttemptSlot;
      let result: Maybe<Answer | undefined>;
      try {
        this.#states[i] = stage.open?.(this.#x, this.t);
        this.#entered = i + 1;
        result = stage.onRequest?.(this.#x, this.t, this.#states[i]);
      } catch (error) {
        return this.#failed(stage.name, error, i);
      }
      if (result instanceof Promise) {
        result.then(
          (answer) => {
            if (!this.#turned(answer, i)) this.enter(i + 1);
          },
          (error: unknown) => this.#failed(stage.name, error, i),
        );
        return;
      }
      if (this.#turned(result, i)) return;
    }
    this.#send();
  }

  #turned(answer: Answer | undefined, i: number): boolean {
    if (answer !== undefined) this.#hear(answer, i - 1);
    else if (this.t.cancelled !== undefined) this.#hear(refuse(this.t.cancelled), i);
    else return false;
    return true;
  }

  #failed(stage: string, error: unknown, i: number): void {
    this.#host.bug(stage, 'onRequest', error);
    this.#hear(INTERNAL, i - 1);
  }

  /** The exchange is over, or has taken another answer: whatever this try still brings is of no use. */
  abandon(end: AttemptEnd): void {
    this.#heard = this.#responded = true;
    this.#call?.abort();
    this.#body?.release();
    this.#finish(this.#finishAs ?? end);
  }

  /** Another try takes over: its stages are left at once. Its answer may still have to do: the host is told once all of it is here, if it is short. */
  supersede(answer: Answer): void {
    const body = this.#body;
    if (answer.body === 'stream') body?.setAside((bytes) => this.#host.setAside({ ...answer, body: bytes }, body));
    else this.#host.setAside(answer, body);
    this.#finish('superseded');
  }

  /** It need not: what is left of the body is drained if it is short. */
  discard(): void {
    this.#body?.discard();
  }

  // ---------------------------------------------------------------- the upstream

  #send(): void {
    const x = this.#x;
    const { rewriting, upstream } = this.#route;
    const host = rewriting.host ?? (x.request.httpVersion === '1.0' ? this.#hostFor10() : undefined);
    if (host !== undefined) this.t.edits.set('Host', host);
    const headers = forwardHeaders(
      x.request.headers,
      x.requestEdits,
      this.t.edits,
      this.#route.spec.direction === 'egress' ? DROPPED_ON_EGRESS : DROPPED,
    );
    const target = upstreamTarget(x.request, rewriting);
    this.t.target = target;
    x.asked += 1;
    this.t.askedAt = this.#deps.clock.monotonicMs();
    this.#call = (upstream as Upstream).send(
      { method: x.request.method, target, headers, body: this.#outgoing(), upgrade: x.request.upgrade },
      this.t,
      this,
    );
    // What was read of the body meanwhile may have had the try given up before there was a call to abort.
    if (this.t.cancelled !== undefined) this.cancelled(this.t.cancelled);
  }

  /** HTTP/1.0 need not say it, and what goes out is HTTP/1.1 (RFC 9112 §3.2). */
  #hostFor10(): string | undefined {
    const { upstream } = this.#route.spec;
    return headerValue(this.#x.request.headers, 'host') === undefined ? upstream.slice(upstream.indexOf('://') + 3) : undefined;
  }

  /** One buffer where the client announced a length and all of it is here; else the body as it comes. */
  #outgoing(): Uint8Array | BodySource | undefined {
    const body = this.#requestBody;
    if (body.state === 'none') return undefined;
    if (body.length === undefined || body.state !== 'ended' || !body.replayable) return body;
    const chunks = body.keptChunks;
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  }

  onInfo(status: number, headers: RawHeaders): void {
    if (!this.#heard) this.#host.onInfo(status, headers);
  }

  onHead(answer: Answer): void {
    if (this.#heard) return;
    this.#waited();
    this.t.answer = answer;
    this.t.answeredEarly = !this.#requestBody.ended;
    const body = new ResponseBody(this.#call as UpstreamCall, this.#deps.budget);
    this.#body = body;
    const wholeBytes = this.#host.bodyNeeds(answer, body);
    if (wholeBytes === undefined) return this.#hear(answer, this.#entered - 1);
    body.collect(wholeBytes, (result) => {
      const whole = typeof result === 'string' ? { ...answer, unread: result } : { ...answer, body: result };
      this.#hear(whole, this.#entered - 1);
    });
  }

  onUpgrade(answer: Answer, channel: ByteChannel): void {
    if (this.#heard) return channel.destroy();
    this.#waited();
    this.t.answer = answer;
    this.channel = channel;
    this.#hear(answer, this.#entered - 1);
  }

  onData(chunk: Uint8Array): void {
    this.#x.activeAt = this.#deps.clock.monotonicMs();
    this.#body?.onData(chunk);
  }

  onEnd(trailers: RawHeaders): void {
    this.t.trailers = forwardAside(trailers);
    // An upload that is still going on has lost its reader (EV-1).
    if (!this.#finished && !this.#requestBody.ended) this.#requestBody.detach();
    this.#body?.onEnd(this.t.trailers);
    this.#finish('complete');
  }

  onBroken(r: Rejection): void {
    if (this.#finished) return;
    if (this.#heard) {
      this.#finish('upstream-broken');
      this.#host.streamBroken(r);
      return;
    }
    this.#lost('upstream-broken', r);
  }

  cancelled(r: Rejection): void {
    if (this.#heard || this.#call === undefined) return; // a waiting stage settles by itself; `enter` sees the cancel then
    this.#call.abort();
    this.#lost('cancelled', r);
  }

  /** No answer, or only the beginning of one that was to be had whole: as if before the head (EV-7). */
  #lost(end: AttemptEnd, r: Rejection): void {
    if (this.t.headAt === undefined) this.#waited();
    this.#body?.release();
    this.#body = undefined;
    this.#finishAs = end;
    this.#hear(refuse(r), this.#entered - 1);
  }

  #waited(): void {
    const now = this.#deps.clock.monotonicMs();
    this.t.headAt = now;
    this.#x.upstreamMs += now - (this.t.askedAt as number);
  }

  // ---------------------------------------------------------------- up

  #hear(answer: Answer, from: number): void {
    if (this.#heard) return;
    this.#heard = true;
    this.t.settled = true;
    if (ORDER.indexOf(this.t.sent) > ORDER.indexOf(this.#x.sent)) this.#x.sent = this.t.sent;
    if (this.#call === undefined) this.#finishAs ??= 'complete';
    this.#leave(answer, from);
  }

  #leave(start: Answer, from: number): void {
    let answer = start;
    for (let i = from; i >= 0; i--) {
      const { stage } = this.#route.attempts[i] as AttemptSlot;
      if (stage.onResponse === undefined) continue;
      let result: Maybe<Answer>;
      try {
        result = stage.onResponse(this.#x, this.t, answer, this.#states[i]);
      } catch (error) {
        this.#host.bug(stage.name, 'onResponse', error);
        result = INTERNAL;
      }
      if (result instanceof Promise) {
        result.then(
          (next) => this.#leave(next, i - 1),
          (error: unknown) => {
            this.#host.bug(stage.name, 'onResponse', error);
            this.#leave(INTERNAL, i - 1);
          },
        );
        return;
      }
      answer = result;
    }
    this.#responded = true;
    this.#host.answered(answer, this.#body, this);
    if (this.#finishAs !== undefined) this.#finish(this.#finishAs);
  }

  #finish(end: AttemptEnd): void {
    if (this.#finished) return;
    if (!this.#responded) {
      this.#finishAs ??= end;
      return;
    }
    this.#finished = true;
    for (let i = this.#entered - 1; i >= 0; i--) {
      const { stage } = this.#route.attempts[i] as AttemptSlot;
      try {
        stage.onFinish?.(this.#x, this.t, end, this.#states[i]);
      } catch (error) {
        this.#host.bug(stage.name, 'onFinish', error);
      }
    }
  }
}

const INTERNAL = refuse(rejection('INTERNAL_ERROR', 'the gateway failed'));
