import type { Downstream, UpstreamCall } from '../core/ports.ts';
import type { RawHeaders } from '../core/headers.ts';
import type { Copy, Unread } from '../core/stage.ts';
import type { ByteBudget } from './byte-budget.ts';
import { KeptChunks } from './kept-chunks.ts';
import type { Taps } from './taps.ts';

/** Held while stages decide over the head; more than this pauses the upstream. */
const HOLD_BYTES = 64 * 1024;
/** A body that nobody wants any more is read to its end if no more than this is left, so that the connection can be used again. */
const DRAIN_BYTES = 64 * 1024;

/**
 * The body of one upstream answer, between the upstream and the client. `holding`: the head is still being decided over.
 * `collecting`: a stage asked for the whole. `forwarding`: every chunk goes on as it comes. `discarding`: nobody wants it.
 */
export class ResponseBody {
  #mode: 'holding' | 'collecting' | 'forwarding' | 'discarding' = 'holding';
  readonly #call: UpstreamCall;
  readonly #kept: KeptChunks;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #copyBytes = 0;
  #collected: ((result: Uint8Array | Unread) => void) | undefined = undefined;
  #collectBytes = 0;
  #down: Downstream | undefined = undefined;
  #taps: Taps | undefined = undefined;
  #leftBytes = DRAIN_BYTES;
  /** The upstream's last byte was received; its trailers. */
  trailers: RawHeaders | undefined = undefined;
  /** Bytes handed to the client's connection. */
  sentBytes = 0;

  constructor(call: UpstreamCall, budget: ByteBudget) {
    this.#call = call;
    this.#kept = new KeptChunks(budget);
  }

  get ended(): boolean {
    return this.trailers !== undefined;
  }

  /** Keep the chunks that go by, up to `maxBytes`, for `onCopy('response')`. */
  copy(maxBytes: number): void {
    if (maxBytes > this.#copyBytes) this.#copyBytes = maxBytes;
    this.#kept.want(maxBytes);
  }

  get copyWanted(): boolean {
    return this.#copyBytes > 0;
  }

  takeCopy(): Copy {
    return this.#kept.copy(this.#copyBytes);
  }

  /** They see it when it has gone on. */
  tap(taps: Taps): void {
    this.#taps = taps;
  }

  /** The answer has left: whoever saw all of it go by has its end too. */
  endTaps(): void {
    if (this.#kept.whole) this.#taps?.showRest(this.#kept.chunks);
    if (this.ended) this.#taps?.end(this.#kept.seenBytes);
    else this.#taps?.drop();
  }

  /** Waits for the whole body; `done` is called once, with the bytes or with why they cannot be had. */
  collect(maxBytes: number, done: (result: Uint8Array | Unread) => void): void {
    this.#mode = 'collecting';
    this.#collectBytes = maxBytes;
    this.#kept.want(maxBytes);
    this.#collected = done;
  }

  /** Nobody wants it unless nothing better comes: what is short is kept while it is read to its end. `done` is called where it was. */
  setAside(done: (bytes: Uint8Array) => void): void {
    if (this.#mode !== 'holding' || this.#queue.length > 0 || this.#kept.seenBytes > 0) return this.discard();
    this.collect(DRAIN_BYTES, (result) => {
      if (typeof result === 'string') this.discard();
      else done(result);
    });
  }

  /** From here on everything goes to the client. */
  forward(down: Downstream): void {
    this.#mode = 'forwarding';
    this.#down = down;
    const queue = this.#queue;
    this.#queue = [];
    let more = true;
    for (const chunk of queue) more = this.#write(chunk);
    if (this.trailers !== undefined) down.end(this.trailers);
    else if (more) this.#call.resume();
    for (const chunk of queue) this.#taps?.show(chunk);
  }

  /** Nobody wants the rest: read if it is short, else given up. */
  discard(): void {
    if (this.#mode === 'discarding') return;
    this.#mode = 'discarding';
    this.#queue = [];
    this.#collected = undefined;
    this.#taps?.drop();
    this.#kept.letGo();
    if (!this.ended) this.#call.resume();
  }

  /** The client can take more. */
  onDrain(): void {
    if (this.#mode === 'forwarding' && !this.ended) this.#call.resume();
  }

  onData(chunk: Uint8Array): void {
    const kept = this.#kept.add(chunk);
    switch (this.#mode) {
      case 'forwarding':
        if (!kept && this.#kept.chunks.length > 0) this.#kept.letGo();
        if (!this.#write(chunk)) this.#call.pause();
        this.#taps?.show(chunk);
        return;
      case 'collecting':
        if (kept && this.#kept.seenBytes <= this.#collectBytes) return;
        this.#mode = 'holding';
        this.#queue = kept ? [...this.#kept.chunks] : [...this.#kept.chunks, chunk];
        this.#call.pause();
        this.#settle(this.#kept.lost ?? 'too_large');
        return;
      case 'holding':
        this.#queue.push(chunk);
        this.#queuedBytes += chunk.byteLength;
        if (this.#queuedBytes > HOLD_BYTES) this.#call.pause();
        return;
      case 'discarding':
        this.#leftBytes -= chunk.byteLength;
        if (this.#leftBytes < 0) this.#call.abort();
    }
  }

  onEnd(trailers: RawHeaders): void {
    this.trailers = trailers;
    if (this.#mode === 'forwarding') this.#down?.end(trailers);
    else if (this.#mode === 'collecting') {
      this.#mode = 'holding';
      const { chunks, seenBytes } = this.#kept;
      const bytes = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, seenBytes);
      this.#settle(bytes);
    }
  }

  release(): void {
    this.#taps?.drop();
    this.#kept.letGo();
    this.#queue = [];
    this.#collected = undefined;
  }

  #settle(result: Uint8Array | Unread): void {
    const done = this.#collected;
    this.#collected = undefined;
    done?.(result);
  }

  #write(chunk: Uint8Array): boolean {
    this.sentBytes += chunk.byteLength;
    return (this.#down as Downstream).write(chunk);
  }
}
