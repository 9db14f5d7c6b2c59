/**
 * The only place that reads, pauses, copies, counts and releases bodies: the request's here, the answer's in `response-body.ts`.
 */
import type { BodyDigest, Exchange, RequestBody, RequestBodyState } from '../core/exchange.ts';
import type { BodySink, BodySource, Downstream } from '../core/ports.ts';
import type { BodyTap, Copy, Maybe, Unread } from '../core/stage.ts';
import { Digest } from './body-digest.ts';
import type { ByteBudget } from './byte-budget.ts';
import { KeptChunks } from './kept-chunks.ts';
import { Taps } from './taps.ts';

type Whole = readonly Uint8Array[] | Unread | 'cancelled';

/**
 * The request's body. Chunks are handed to the try at hand as they come, and kept while somebody wants them (a stage that asked
 * for the whole or a copy, the retry plan). Without a try that takes them, reading stops as soon as nothing more may be kept.
 */
export class RequestBodyReader implements RequestBody, BodySource {
  state: RequestBodyState;
  readonly length: number | undefined;
  readonly #down: Downstream;
  readonly #kept: KeptChunks;
  readonly #budget: ByteBudget;
  /** Read but over the limit of what is kept, and not yet handed to a try. */
  #overflow: Uint8Array[] = [];
  #sink: BodySink | undefined = undefined;
  #replaying = false;
  /** The client's bytes are read as they come. */
  #flowing = false;
  #waiter: { readonly maxBytes: number; readonly settle: (result: Whole) => void } | undefined = undefined;
  #copyBytes = 0;
  #digest: Digest | undefined = undefined;
  #taps: Taps | undefined = undefined;
  /** A try has been given it: from then on what is not kept is gone. */
  #started = false;
  #draining: { leftBytes: number; readonly done: (ended: boolean) => void } | undefined = undefined;
  #exchange: Exchange | undefined = undefined;

  constructor(down: Downstream, budget: ByteBudget) {
    this.#down = down;
    this.length = down.bodyLength;
    this.state = down.hasBody ? 'unread' : 'none';
    this.#kept = new KeptChunks(budget);
    this.#budget = budget;
  }

  /** The exchange whose cancelling ends every waiting. */
  belongsTo(x: Exchange): void {
    this.#exchange = x;
  }

  get receivedBytes(): number {
    return this.#kept.seenBytes;
  }

  get ended(): boolean {
    return this.state === 'ended' || this.state === 'none';
  }

  get awaited(): boolean {
    return this.state === 'arriving' && this.#flowing;
  }

  get replayable(): boolean {
    return this.#kept.whole;
  }

  /** The client still waits for a 100 that was never sent. */
  get pendingContinue(): boolean {
    return this.state === 'unread' && this.#down.expectsContinue;
  }

  /** All of it from the first byte, where it is `replayable`. */
  get keptChunks(): readonly Uint8Array[] {
    return this.#kept.chunks;
  }

  /** Bytes announced and not yet here; undefined where nobody knows. */
  get missingBytes(): number | undefined {
    return this.length === undefined ? undefined : this.length - this.receivedBytes;
  }

  keep(maxBytes: number): void {
    this.#kept.want(maxBytes);
  }

  copy(maxBytes: number): void {
    if (maxBytes > this.#copyBytes) this.#copyBytes = maxBytes;
    this.#kept.want(maxBytes);
  }

  tap(tap: BodyTap): void {
    this.#taps ??= new Taps(this.#budget, { bug: (...what) => this.#exchange?.keeper?.bug(...what) });
    this.#taps.add(tap);
  }

  digest(): BodyDigest {
    if (this.#digest === undefined) {
      this.#digest = new Digest(this);
      for (const chunk of this.#kept.chunks) this.#digest.add(chunk);
      for (const chunk of this.#overflow) this.#digest.add(chunk);
    }
    return this.#digest;
  }

  /** What was kept for `onCopy('request')`. */
  takeCopy(): Copy {
    if (this.state === 'none') return { chunks: [], unread: undefined, bytes: 0 };
    return this.#kept.copy(this.#copyBytes);
  }

  get copyWanted(): boolean {
    return this.#copyBytes > 0;
  }

  whole(maxBytes: number): Maybe<Whole> {
    if (this.state === 'none') return [];
    if (this.state === 'broken') return 'cancelled';
    if (this.length !== undefined && this.length > maxBytes) return 'too_large';
    this.#kept.want(maxBytes);
    if (!this.#kept.whole) return this.#kept.lost as Unread;
    if (this.state === 'ended') return this.receivedBytes > maxBytes ? 'too_large' : this.#kept.chunks;
    return new Promise<Whole>((resolve) => {
      let withdraw: (() => void) | undefined;
      const settle = (result: Whole): void => {
        this.#waiter = undefined;
        withdraw?.();
        resolve(result);
      };
      this.#waiter = { maxBytes, settle };
      withdraw = this.#exchange?.onCancel(() => settle('cancelled'));
      this.#read();
    });
  }

  // ---------------------------------------------------------------- towards the upstream

  start(sink: BodySink): void {
    this.#sink = sink;
    this.#replaying = true;
    let more = true;
    for (const chunk of this.#kept.chunks) more = sink.write(chunk) && more;
    for (const chunk of this.#overflow) more = sink.write(chunk) && more;
    this.#showRest();
    this.#overflow = [];
    this.#replaying = false;
    this.#started = true;
    if (!this.#kept.whole) this.#kept.letGo();
    if (this.state === 'ended') sink.end();
    else if (more) this.#read();
    else this.#pause();
  }

  resume(): void {
    if (this.#sink !== undefined) this.#flow();
  }

  /** The try at hand takes no more: it was superseded, or has been answered in full. */
  detach(): void {
    this.#sink = undefined;
    if (this.state === 'arriving') this.#pause();
  }

  // ---------------------------------------------------------------- from the client

  /** Reads before anybody asks for it, up to what is kept. */
  readAhead(): void {
    this.#read();
  }

  #read(): void {
    if (this.state === 'unread') {
      this.state = 'arriving';
      if (this.#down.expectsContinue) this.#down.writeContinue();
    }
    this.#flow();
  }

  #flow(): void {
    if (this.state !== 'arriving') return;
    this.#flowing = true;
    this.#down.readBody();
  }

  #pause(): void {
    this.#flowing = false;
    this.#down.pauseBody();
  }

  onData(chunk: Uint8Array): void {
    if (this.state === 'broken') return;
    const kept = this.#kept.add(chunk);
    this.#digest?.add(chunk);
    if (this.#draining !== undefined) {
      this.#show(chunk);
      this.#draining.leftBytes -= chunk.byteLength;
      if (this.#draining.leftBytes < 0) this.#drained(false);
      return;
    }
    if (this.#sink !== undefined && !this.#replaying) {
      if (!kept && this.#kept.chunks.length > 0 && this.#waiter === undefined) this.#kept.letGo();
      if (!this.#sink.write(chunk)) this.#pause();
      this.#show(chunk);
      return;
    }
    if (!kept) {
      this.#overflow.push(chunk);
      this.#pause();
    }
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      if (!kept) waiter.settle(this.#kept.lost as Unread);
      else if (this.receivedBytes > waiter.maxBytes) waiter.settle('too_large');
    } else if (kept && this.#sink === undefined && this.receivedBytes >= this.#kept.limitBytes) {
      this.#pause();
    }
  }

  onEnd(): void {
    if (this.state === 'broken' || this.state === 'ended') return;
    this.state = 'ended';
    this.#waiter?.settle(this.#kept.whole ? this.#kept.chunks : (this.#kept.lost as Unread));
    this.#sink?.end();
    if (this.#draining !== undefined) this.#drained(true);
  }

  /** The client is gone: what is not here will never come. */
  onBroken(): void {
    if (this.state === 'ended' || this.state === 'none') return;
    this.state = 'broken';
    this.#taps?.drop();
    this.#waiter?.settle('cancelled');
    if (this.#draining !== undefined) this.#drained(false);
  }

  // ---------------------------------------------------------------- when nobody wants the rest

  /** Reads and forgets up to `maxBytes`; `done(true)` when the upload has ended, `done(false)` when there is more of it. */
  drain(maxBytes: number, done: (ended: boolean) => void): void {
    this.#sink = undefined;
    if (this.ended || this.state === 'broken') return done(this.ended);
    this.#draining = { leftBytes: maxBytes, done };
    this.#read();
  }

  stopDraining(): void {
    if (this.#draining !== undefined) this.#drained(false);
  }

  #drained(ended: boolean): void {
    const { done } = this.#draining as { done: (ended: boolean) => void };
    this.#draining = undefined;
    if (!ended) this.#pause();
    done(ended);
  }

  // ---------------------------------------------------------------- who sees it go by

  /** A chunk that has gone on, or will not: unless something before it has not been shown yet. */
  #show(chunk: Uint8Array): void {
    if (this.#taps === undefined) return;
    if (this.#taps.shownBytes + chunk.byteLength === this.receivedBytes) this.#taps.show(chunk);
    else this.#showRest();
  }

  /** What was kept before anything could go on. */
  #showRest(): void {
    if (this.#taps === undefined || (this.#started && !this.#kept.whole)) return;
    this.#taps.showRest([...this.#kept.chunks, ...this.#overflow]);
  }

  /** The answer has left: whoever saw all of the body go by has its end too. */
  endTaps(): void {
    if (this.#taps === undefined) return;
    this.#showRest();
    if (this.state === 'ended') this.#taps.end(this.receivedBytes);
    else this.#taps.drop();
  }

  release(): void {
    this.#taps?.drop();
    this.#kept.letGo();
    this.#overflow = [];
    this.#sink = undefined;
  }
}
