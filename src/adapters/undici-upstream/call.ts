import { Readable } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';
import type { Attempt } from '../../core/exchange.ts';
import type { RawHeaders } from '../../core/headers.ts';
import type { BodySink, BodySource, UpstreamCall, UpstreamRequest, UpstreamSink } from '../../core/ports.ts';
import { rejection } from '../../core/rejection.ts';
import type { Answer } from '../../core/stage.ts';
import { upstreamFault } from './faults.ts';
import type { ConnectionWatch, WatchingHandler } from './watched-client.ts';

/** Methods whose body undici expects; for others, and for HEAD, it gives the connection up unless told not to. */
const EXPECTS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** A request's body as the stream that undici reads: pushed by the pipeline, with back-pressure both ways. */
class BodyStream extends Readable implements BodySink {
  readonly #source: BodySource;
  #started = false;

  constructor(source: BodySource) {
    super({ highWaterMark: 64 * 1024 });
    this.#source = source;
    this.on('error', () => undefined); // told through the handler
  }

  override _read(): void {
    if (this.#started) return this.#source.resume();
    this.#started = true;
    this.#source.start(this);
  }

  write(chunk: Uint8Array): boolean {
    return this.destroyed ? true : this.push(chunk);
  }

  end(): void {
    if (!this.destroyed) this.push(null);
  }
}

/** One request at undici, and its answer handed on. One object is handler and handle: nothing is made but this for a request. */
export class UndiciCall implements WatchingHandler, UpstreamCall {
  readonly #request: UpstreamRequest;
  readonly #t: Attempt;
  readonly #to: UpstreamSink;
  readonly #monotonicMs: () => number;
  readonly #release: (call: UndiciCall) => void;
  #controller: Dispatcher.DispatchController | undefined = undefined;
  #connection: (() => ConnectionWatch) | undefined = undefined;
  #carrier: ConnectionWatch | undefined = undefined;
  #status = 0;
  /** The answer ends with its connection: only then can a reset look like an end. */
  #untilClose = false;
  #paused = false;
  #over = false;
  #released = false;
  #dispatched = false;
  #returned = false;
  unsendable = false;

  constructor(request: UpstreamRequest, t: Attempt, to: UpstreamSink, monotonicMs: () => number, release: (call: UndiciCall) => void) {
    this.#request = request;
    this.#t = t;
    this.#to = to;
    this.#monotonicMs = monotonicMs;
    this.#release = release;
  }

  dispatch(pool: Pool): void {
    const { method, target, headers, body } = this.#request;
    this.#dispatched = true;
    const outgoing = body === undefined || body instanceof Uint8Array ? body : new BodyStream(body);
    const keep = method === 'HEAD' || (outgoing !== undefined && !EXPECTS_BODY.has(method)) ? false : null;
    pool.dispatch(
      { path: target, method: method as Dispatcher.HttpMethod, headers, body: outgoing ?? null, reset: keep as boolean, idempotent: true },
      this,
    );
    this.#returned = true;
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    // Not yet begun: undici can't be told and keeps it until it has a connection or none. So long its place is taken: else undici's own
    // queue would grow without end while an upstream swallows connects.
    if (this.#dispatched && this.#controller === undefined) return;
    this.#letGo();
    this.#controller?.abort(ABORTED);
  }

  watch(connection: () => ConnectionWatch): void {
    this.#connection = connection;
  }

  // ---------------------------------------------------------------- undici's handler

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#over) {
      controller.abort(ABORTED);
      return this.#letGo();
    }
    this.#controller = controller;
    this.#carrier = this.#connection?.();
    if (this.#carrier !== undefined) {
      this.#t.reused = this.#carrier.served > 0;
      this.#carrier.served += 1;
    }
    this.#t.sent = 'part';
  }

  onRequestSent(): void {
    this.#t.sent = 'all';
    this.#t.sentAt = this.#monotonicMs();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#over || status < 100) return; // below 100: undici gives such a connection up itself, a moment later
    const headers = rawHeaders(controller);
    if (status < 200) return this.#to.onInfo(status, headers);
    this.#status = status;
    this.#untilClose = isUntilClose(headers);
    const answer: Answer = { origin: 'upstream', status, headers, body: 'stream', unread: undefined, rejection: undefined };
    this.#to.onHead(answer);
    if (status === 205 && this.#untilClose) return this.#endBodyless(controller);
    if (this.#paused) controller.pause();
  }

  /** A 205 has no content (RFC 9110 §15.3.6); where it does not say so in its framing, undici waits for the connection to close. */
  #endBodyless(controller: Dispatcher.DispatchController): void {
    if (this.#over) return;
    this.#end();
    controller.abort(ABORTED);
    this.#to.onEnd([]);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (!this.#over) this.#to.onData(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#over) return;
    this.#end();
    if (this.#untilClose && this.#carrier?.failed === true) this.#to.onBroken(CUT_SHORT);
    else this.#to.onEnd(rawTrailers(controller));
  }

  onResponseError(controller: Dispatcher.DispatchController | null, error: Error): void {
    this.unsendable = controller === null;
    if (this.#over) return this.#letGo();
    this.#end();
    const fault = upstreamFault(error, this.#status !== 0);
    if (this.#returned) this.#to.onBroken(fault);
    else queueMicrotask(() => this.#to.onBroken(fault));
  }

  #end(): void {
    this.#over = true;
    this.#letGo();
  }

  #letGo(): void {
    if (this.#released) return;
    this.#released = true;
    this.#release(this);
  }
}

const ABORTED = new Error('aborted');
const CUT_SHORT = rejection('UPSTREAM_RESET', 'the upstream closed the connection in the middle of its answer');

function rawHeaders(controller: Dispatcher.DispatchController): RawHeaders {
  return strings(controller.rawHeaders as readonly (Buffer | string)[] | null);
}

function rawTrailers(controller: Dispatcher.DispatchController): RawHeaders {
  return strings(controller.rawTrailers as readonly (Buffer | string)[] | null);
}

/** Field names and values as the bytes that they are (RFC 9110 §5.5: opaque beyond ASCII). */
function strings(raw: readonly (Buffer | string)[] | null): RawHeaders {
  if (raw === null || raw === undefined) return [];
  const out: string[] = new Array(raw.length);
  for (let i = 0; i < raw.length; i++) {
    const item = raw[i] as Buffer | string;
    out[i] = typeof item === 'string' ? item : item.toString('latin1');
  }
  return out;
}

function isUntilClose(headers: RawHeaders): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if ((name.length === 14 || name.length === 17) && /^(?:content-length|transfer-encoding)$/i.test(name)) return false;
  }
  return true;
}
