import type { RequestHead } from '../../../core/exchange.ts';
import { type RawHeaders, fieldName, isFieldValue } from '../../../core/headers.ts';
import type { ByteChannel, Downstream, DownstreamEvents } from '../../../core/ports.ts';
import type { Rejection } from '../../../core/rejection.ts';
import { chunkHead, chunkedEnd } from '../wire/message-text.ts';
import type { RequestFraming } from '../wire/request-framing.ts';
import { type AnswerFraming, type Asked, answerHead, interimHead } from './answer-head.ts';
import type { BodyReader } from './body-reader.ts';
import type { Output } from './output.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** The connection that an exchange belongs to. */
export interface ExchangeHost {
  readonly output: Output;
  /** Nothing more will be taken from the connection: the next answer is its last. */
  readonly closing: boolean;
  /** What has come of the body is told of before this returns. */
  bodyWanted(): void;
  /** The answer's last byte was given to `output`. */
  answered(): void;
  /** The client must not take what it has for the whole. `reset`: it would, if the connection ended as connections do. */
  breakOff(how: 'close' | 'reset'): void;
  /** The exchange was HTTP's last on this connection; its answer is in `output`. */
  changeProtocol(): ByteChannel;
}

/**
 * The client's side of one exchange. After it is over, or its client gone, every call does nothing. `onFlushed` and `onGone` come from the
 * event loop, never inside a call, and one of them at most; but a client that leaves with its answer while its upload is still waited for is
 * told of by `onGone` after `onFlushed`.
 */
export class Http1Exchange implements Downstream, Asked {
  readonly isHead: boolean;
  readonly httpVersion: '1.0' | '1.1';
  readonly expectsContinue: boolean;
  readonly body: BodyReader | undefined;
  readonly #clientKeeps: boolean;
  readonly #host: ExchangeHost;
  /** False: the connection goes on without it, or is gone. */
  #live = true;
  #events: DownstreamEvents | undefined = undefined;
  #answer: 'none' | 'begun' | 'ended' | 'broken' = 'none';
  #framing: AnswerFraming = 'none';
  /** Of what Content-Length promised. */
  #leftBytes = 0;
  #continued = false;
  #malformed = false;
  #awaitsDrain = false;
  /** The connection ends with this exchange. */
  last = false;
  /** The answer has wholly been handed to the system, and the pipeline knows. */
  flushed = false;

  constructor(host: ExchangeHost, head: RequestHead, framing: RequestFraming, body: BodyReader | undefined) {
    this.#host = host;
    this.isHead = head.method === 'HEAD';
    this.httpVersion = head.httpVersion;
    this.#clientKeeps = framing.keepAlive;
    this.expectsContinue = framing.expectsContinue;
    this.body = body;
  }

  get hasBody(): boolean {
    return this.body !== undefined;
  }

  get bodyLength(): number | undefined {
    return this.body?.length;
  }

  get keepAlive(): boolean {
    return this.#clientKeeps && !this.#host.closing;
  }

  get answerEnded(): boolean {
    return this.#answer === 'ended';
  }

  get bodyArriving(): boolean {
    return this.body?.state === 'arriving';
  }

  /** The body can't be read on, and the pipeline will be told so in this turn. */
  get bodyFaultUntold(): boolean {
    return this.body?.state === 'broken' && !this.#malformed;
  }

  listen(events: DownstreamEvents): void {
    this.#events = events;
  }

  // ---------------------------------------------------------------- the request's body

  readBody(): void {
    const { body } = this;
    if (body === undefined) return;
    body.wanted = true;
    if (this.#live) this.#host.bodyWanted();
  }

  pauseBody(): void {
    if (this.body !== undefined) this.body.wanted = false;
  }

  onData(chunk: Buffer): void {
    this.#events?.onBodyData(chunk);
  }

  onBodyEnd(): void {
    this.#events?.onBodyEnd();
  }

  onMalformed(r: Rejection): void {
    this.#malformed = true;
    this.#events?.onMalformed(r);
  }

  // ---------------------------------------------------------------- the answer

  writeContinue(): void {
    if (this.#continued) return;
    this.#continued = true;
    this.#interim(CONTINUE);
  }

  writeInfo(status: number, headers: RawHeaders): void {
    this.#interim(`${interimHead(status, headers)}\r\n`);
  }

  /** HTTP/1.0 knows none (RFC 9110 §15.2). */
  #interim(text: string): void {
    if (!this.#live || this.#answer !== 'none' || this.httpVersion === '1.0') return;
    const { output } = this.#host;
    output.text(text);
    output.flushAtTurnsEnd();
  }

  writeHead(status: number, headers: readonly string[]): void {
    const output = this.#begin(status, headers);
    output?.flushAtTurnsEnd();
  }

  /** Undefined: there is nobody to write to. */
  #begin(status: number, headers: readonly string[]): Output | undefined {
    if (!this.#live || this.#answer !== 'none') return undefined;
    const head = answerHead(status, headers, this);
    if (head === undefined) {
      this.#breakOff();
      return undefined;
    }
    this.#answer = 'begun';
    this.#framing = head.framing;
    this.#leftBytes = head.lengthBytes;
    this.last = head.last;
    const { output } = this.#host;
    output.text(head.text);
    return output;
  }

  write(chunk: Uint8Array): boolean {
    const { output } = this.#host;
    if (!this.#live || this.#answer !== 'begun' || !this.#put(output, chunk)) return true;
    output.flushAtTurnsEnd();
    this.#awaitsDrain = output.full;
    return !this.#awaitsDrain;
  }

  /** False: that is not what the head promised, and the connection is broken. */
  #put(output: Output, chunk: Uint8Array): boolean {
    const { byteLength } = chunk;
    if (byteLength === 0 || this.#framing === 'none') return true;
    if (this.#framing === 'chunked') {
      output.bytes(chunkHead(byteLength), chunk, '\r\n');
      return true;
    }
    if (this.#framing === 'length') {
      this.#leftBytes -= byteLength;
      if (this.#leftBytes < 0) {
        this.#breakOff();
        return false;
      }
    }
    output.bytes('', chunk, '');
    return true;
  }

  answer(status: number, headers: readonly string[], body: Uint8Array): void {
    const output = this.#begin(status, headers);
    if (output !== undefined && this.#put(output, body)) this.#end(output, undefined);
  }

  end(trailers: RawHeaders | undefined): void {
    if (this.#live && this.#answer === 'begun') this.#end(this.#host.output, trailers);
  }

  #end(output: Output, trailers: RawHeaders | undefined): void {
    // A body shorter than its length: the client takes what comes next for the rest of it.
    if (this.#leftBytes > 0) return this.#breakOff();
    if (this.#framing === 'chunked') output.text(chunkedEnd(trailers === undefined ? undefined : sendableTrailers(trailers)));
    this.#answer = 'ended';
    this.#awaitsDrain = false;
    this.#host.answered();
  }

  /** `headers` have the field Upgrade, as the upstream sent it; the Connection that belongs to it is written here. */
  upgrade(headers: readonly string[]): ByteChannel {
    const host = this.#host;
    host.output.text(`${interimHead(101, headers)}Connection: Upgrade\r\n\r\n`);
    this.leave();
    return host.changeProtocol();
  }

  abort(): void {
    this.#breakOff();
  }

  #breakOff(): void {
    const toldByEnd = this.#framing === 'close' && this.#answer !== 'none';
    this.#answer = 'broken';
    if (this.#live) this.#host.breakOff(toldByEnd ? 'reset' : 'close');
  }

  // ---------------------------------------------------------------- what the connection tells

  drained(): void {
    if (!this.#awaitsDrain) return;
    this.#awaitsDrain = false;
    this.#events?.onDrain();
  }

  allFlushed(): void {
    this.flushed = true;
    this.#events?.onFlushed();
  }

  /** The client is gone, or is leaving. */
  gone(): void {
    const events = this.#events;
    this.leave();
    if (!this.flushed || this.bodyArriving) events?.onGone();
  }

  /** The connection goes on without it. */
  leave(): void {
    this.#live = false;
    this.#events = undefined;
  }
}

/** Without what a trailer section must not say (RFC 9110 §6.5.1): fields of the framing and of the connection. */
function sendableTrailers(trailers: RawHeaders): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const [name, value] = [trailers[i] as string, trailers[i + 1] as string];
    const { lower, hopByHop } = fieldName(name);
    if (!hopByHop && lower !== 'content-length' && isFieldValue(value)) kept.push(name, value);
  }
  return kept;
}
