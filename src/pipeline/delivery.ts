import { forwardAside } from '../core/edits.ts';
import type { Exchange } from '../core/exchange.ts';
import type { RawHeaders } from '../core/headers.ts';
import type { Downstream, Timer, Timers } from '../core/ports.ts';
import type { Answer } from '../core/stage.ts';
import type { RequestBodyReader } from './body.ts';
import type { ResponseBody } from './response-body.ts';

/** What of an unwanted upload is still read so that the client gets its answer (EV-1, EV-2). */
const DRAIN_BYTES = 1024 * 1024;
const DRAIN_MS = 1000;
/** An upload of which no more than this is missing is read to its end and the connection kept: refusing must not cost connections. */
const SHORT_REST_BYTES = 64 * 1024;

export interface DeliveryHost {
  /** Something has ended: the exchange may be over. */
  settle(): void;
}

/** Hands one answer to the client, and sees to what is left of its upload. */
export class Delivery {
  readonly #x: Exchange;
  readonly #upload: RequestBodyReader;
  readonly #down: Downstream;
  readonly #timers: Timers;
  readonly #host: DeliveryHost;
  #body: ResponseBody | undefined = undefined;
  #wholeBytes = 0;
  #drainTimer: Timer | undefined = undefined;
  flushed = false;
  /** A whole answer was written; that it is not ended is for the sake of the upload alone. */
  #lingering = false;
  /** Nothing of the upload is waited for any more. */
  #uploadOver = false;

  constructor(x: Exchange, upload: RequestBodyReader, down: Downstream, timers: Timers, host: DeliveryHost) {
    this.#x = x;
    this.#upload = upload;
    this.#down = down;
    this.#timers = timers;
    this.#host = host;
  }

  /** The answer goes out as it comes, and may not be complete yet. */
  get streaming(): boolean {
    return this.#body !== undefined && !this.flushed;
  }

  get sentBytes(): number {
    return this.#body === undefined ? this.#wholeBytes : this.#body.sentBytes;
  }

  /** The answer has left and the upload is done with. */
  get over(): boolean {
    return this.flushed && (this.#uploadOver || this.#upload.ended);
  }

  info(status: number, headers: RawHeaders): void {
    if (this.#x.request.httpVersion === '1.1') this.#down.writeInfo(status, forwardAside(headers));
  }

  /** An answer of the upstream that comes as it comes. */
  stream(status: number, headers: string[], body: ResponseBody): void {
    this.#body = body;
    this.#down.writeHead(status, headers);
    body.forward(this.#down);
  }

  /** An answer that is all here, with the trailers that came after it. A body that was not read decides how the connection goes on. */
  whole(answer: Answer, headers: string[], trailers: RawHeaders | undefined): void {
    const body = answer.body as Uint8Array;
    const bytes = this.#x.request.method === 'HEAD' ? EMPTY : body;
    this.#wholeBytes = bytes.byteLength;
    if (this.#upload.ended && trailers !== undefined && trailers.length > 0) {
      this.#down.writeHead(answer.status, headers);
      this.#down.write(bytes);
      return this.#down.end(trailers);
    }
    if (this.#upload.ended) return this.#down.answer(answer.status, headers, bytes);
    if (this.#upload.pendingContinue || this.#upload.state === 'broken') {
      this.#uploadOver = true;
      headers.push('Connection', 'close');
      return this.#down.answer(answer.status, headers, bytes);
    }
    const missing = this.#upload.missingBytes;
    if (missing !== undefined && missing <= SHORT_REST_BYTES) {
      // Drained when the answer has left: the end of the time for the rest must not cut it off.
      return this.#down.answer(answer.status, headers, bytes);
    }
    headers.push('Connection', 'close');
    this.#down.writeHead(answer.status, headers);
    if (bytes.byteLength > 0) this.#down.write(bytes);
    this.#lingering = true;
    this.#startDrain(() => this.#down.end(undefined));
  }

  onFlushed(): void {
    if (this.flushed) return;
    this.flushed = true;
    if (!this.#upload.ended && !this.#uploadOver && this.#drainTimer === undefined) this.#drain();
    this.#host.settle();
  }

  /** The client is gone. True: it had its answer, and only what it still sent was waited for. */
  leftAnswered(): boolean {
    if (this.#lingering) this.flushed = this.#uploadOver = true;
    return this.flushed;
  }

  abort(): void {
    this.#uploadOver = true;
    this.#drainTimer?.cancel();
    this.#down.abort();
  }

  /** The answer has left; if the upload does not end in time the connection goes. */
  #drain(): void {
    this.#startDrain((ended) => {
      if (!ended) this.#down.abort();
    });
  }

  #startDrain(done: (ended: boolean) => void): void {
    this.#drainTimer = this.#timers.after(DRAIN_MS, () => this.#upload.stopDraining());
    this.#upload.drain(DRAIN_BYTES, (ended) => {
      this.#drainTimer?.cancel();
      this.#uploadOver = true;
      done(ended);
      this.#host.settle();
    });
  }
}

const EMPTY = new Uint8Array(0);
