import type { Socket } from 'node:net';
import type { ByteChannel } from '../../../core/ports.ts';
import { rejection } from '../../../core/rejection.ts';
import { handedOn } from '../handed-on.ts';
import { SocketChannel } from '../socket-channel.ts';
import { BodyReader } from './body-reader.ts';
import { ClientSocket } from './client-socket.ts';
import { type ExchangeHost, Http1Exchange } from './exchange.ts';
import { Input } from './input.ts';
import type { ConnectionHost } from './options.ts';
import { Output, TURN } from './output.ts';
import { LATE_HEAD, type ReadRequest, RequestReader } from './request-reader.ts';

/** Read ahead of what may be told of, so that a client that leaves is seen; beyond it the socket is not read (EV-3). */
const MAX_UNREAD_BYTES = 64 * 1024;
/** How much, and for how long, a client whose connection ends may still send: closing at once would take the answer from it (RFC 9112 §9.6). */
const LINGER_BYTES = 1024 * 1024;
const LINGER_MS = 1000;

/**
 * One connection of a client. `head`: a request may come. `exchange`: one is in hand; what comes behind it waits. `lingering`: the last answer has
 * left, what comes is thrown away. `changed`: it speaks another protocol.
 */
export class Connection implements ExchangeHost {
  readonly output: Output;
  /** Its place in the server's list. */
  index: number;
  /** On the server's clock: `onDue` must be called then. */
  dueAt: number;
  readonly #host: ConnectionHost<Connection>;
  readonly #socket: ClientSocket;
  readonly #input = new Input();
  #reader: RequestReader;
  #mode: 'head' | 'exchange' | 'lingering' | 'changed' = 'head';
  #exchange: Http1Exchange | undefined = undefined;
  #channel: SocketChannel | undefined = undefined;
  #served = false;
  /** What could not be understood came: nothing that follows is interpreted. */
  #deaf = false;
  #thrownBytes = 0;
  #clientEnded = false;
  #pumping = false;
  readonly #onFlushed = (): void => this.#flushed();
  readonly #onWritten = (error?: Error | null): void => {
    if (!error) this.#flushed();
  };
  readonly #onBodyData = (chunk: Buffer): void => this.#exchange?.onData(chunk);

  constructor(host: ConnectionHost<Connection>, accepted: Socket, index: number) {
    this.#host = host;
    this.index = index;
    this.#reader = new RequestReader(host.options, host.hooks);
    this.dueAt = host.dueAt(host.options.headerTimeoutMs);
    this.#socket = new ClientSocket(accepted, (view) => this.#onBytes(view));
    const { raw } = this.#socket;
    this.output = new Output(raw);
    raw.on('error', () => undefined); // `close` follows
    raw.on('close', () => this.#onClose());
    raw.on('end', this.#onEnd);
    raw.on('drain', this.#onDrain);
  }

  get closing(): boolean {
    return this.#deaf || this.#clientEnded || this.#host.retiring;
  }

  // ---------------------------------------------------------------- what comes

  #onBytes(view: Buffer): void {
    handedOn.add(view.length);
    if (this.#channel !== undefined) return this.#channel.receive(Buffer.from(view));
    if (this.#deaf || this.#mode === 'lingering') {
      this.#thrownBytes += view.length;
      if (this.#thrownBytes > LINGER_BYTES && this.#mode === 'lingering') this.#socket.raw.destroy();
    } else {
      this.#input.lend(view);
      this.#pump();
      this.#input.keep();
    }
    this.#stopOrGo();
  }

  #stopOrGo(): void {
    const much = this.#deaf ? this.#thrownBytes > LINGER_BYTES : this.#input.unreadBytes >= MAX_UNREAD_BYTES;
    this.#socket.flow(much && this.#mode !== 'lingering' ? 'stop' : 'go');
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#input.unreadBytes > 0 && (this.#mode === 'head' ? this.#readHead() : this.#readBody()));
    this.#pumping = false;
  }

  bodyWanted(): void {
    this.#readBody();
    this.#stopOrGo();
  }

  /** True: the body is over, and something may follow. */
  #readBody(): boolean {
    const exchange = this.#exchange;
    const body = exchange?.body;
    if (exchange === undefined || body?.state !== 'arriving') return false;
    body.feed(this.#input);
    if (body.state === 'arriving' || this.#exchange !== exchange) return false;
    if (body.state === 'broken') {
      this.#goDeaf();
      void TURN.then(() => this.#tellMalformed(exchange, body.fault));
      return false;
    }
    if (body.trailers.length > 0) this.#host.hooks.trailersDropped.inc(body.trailers.length / 2);
    exchange.onBodyEnd();
    this.#settle();
    return true;
  }

  /** Never inside `readBody`: who has just asked for a body is not ready to hear that there is none. */
  #tellMalformed(exchange: Http1Exchange, fault: string): void {
    if (this.#exchange !== exchange) return;
    exchange.onMalformed(rejection('MALFORMED_REQUEST', fault));
    this.#settle();
  }

  #goDeaf(): void {
    this.#deaf = true;
    this.#input.clear();
  }

  /** False: more must come, or nothing more is read. */
  #readHead(): boolean {
    const reader = this.#reader;
    const { begun } = reader;
    const read = reader.read(this.#input);
    if (read === undefined) {
      if (!begun && reader.begun && this.#served) this.dueAt = this.#host.dueAt(reader.options.headerTimeoutMs);
      return false;
    }
    this.#begin(read);
    return true;
  }

  /** A refused message gets its answer as every request does; nothing behind it is interpreted. */
  #begin({ head, framing, refusal }: ReadRequest): void {
    if (refusal !== undefined) this.#goDeaf();
    this.#mode = 'exchange';
    this.#served = true;
    this.dueAt = Number.POSITIVE_INFINITY;
    const body = framing.body === 'none' ? undefined : new BodyReader(framing, this.#reader.options.maxHeaderBytes, this.#onBodyData);
    const exchange = new Http1Exchange(this, head, framing, body);
    this.#exchange = exchange;
    this.#host.hooks.take(head, exchange, this.#socket.address, refusal);
  }

  // ---------------------------------------------------------------- what goes out

  answered(): void {
    const { output } = this;
    if (!this.#socket.raw.writable) return; // it is closing, and nothing was taken: `onClose` tells
    output.flush();
    if (output.empty) void TURN.then(this.#onFlushed);
    else this.#socket.raw.write('', 'latin1', this.#onWritten);
  }

  #flushed(): void {
    this.#exchange?.allFlushed();
    if (this.#socket.raw.destroyed) return; // it left all the same: `onClose` does the rest
    if (this.#clientEnded) this.#onEnd();
    else this.#settle();
  }

  readonly #onDrain = (): void => this.#exchange?.drained();

  breakOff(how: 'close' | 'reset'): void {
    this.output.flush();
    if (this.#exchange?.flushed === true) this.#linger();
    else if (how === 'reset') this.#socket.raw.resetAndDestroy();
    else this.#socket.raw.destroy();
  }

  changeProtocol(): ByteChannel {
    const input = this.#input;
    const early = Buffer.from(input.bytes.subarray(input.at));
    input.clear();
    this.#exchange = undefined;
    this.#mode = 'changed';
    const { raw } = this.#socket;
    raw.off('end', this.#onEnd);
    raw.off('drain', this.#onDrain);
    this.output.flush();
    this.#channel = new SocketChannel(raw, early);
    return this.#channel;
  }

  // ---------------------------------------------------------------- from one exchange to the next, or to the end

  /** The exchange in hand may be over: its answer has left and its body is here. */
  #settle(): void {
    const exchange = this.#exchange;
    if (exchange === undefined || !exchange.flushed) return;
    // Where the answer has not said that it is the last, only a drain makes it so: the client may be sending the next request.
    const last = exchange.last || this.#deaf || this.#clientEnded || this.#host.draining;
    if (last) this.#end();
    const taken = exchange.bodyArriving && (!last || exchange.body?.wanted === true);
    if (taken || exchange.bodyFaultUntold) return; // the pipeline takes the rest of the body (EV-1, EV-2), or will hear of it
    if (last) this.#linger();
    else this.#next();
  }

  #next(): void {
    this.#exchange?.leave();
    this.#exchange = undefined;
    this.#mode = 'head';
    const { options } = this.#host;
    if (options !== this.#reader.options) this.#reader = new RequestReader(options, this.#host.hooks);
    this.dueAt = this.#host.dueAt(this.#host.keptMs);
    this.#pump();
    this.#stopOrGo();
  }

  #linger(): void {
    this.#exchange?.leave();
    this.#exchange = undefined;
    this.#input.clear();
    this.#mode = 'lingering';
    this.#thrownBytes = 0;
    this.#end();
    this.#stopOrGo();
  }

  /** A FIN, after which the client has its second to end as well. */
  #end(): void {
    if (this.#socket.end()) this.dueAt = this.#host.dueAt(LINGER_MS);
  }

  /** A FIN is leaving, whatever was asked before it (EV-3); but an answer that is complete may still flow out. */
  readonly #onEnd = (): void => {
    this.#clientEnded = true;
    const exchange = this.#exchange;
    if (exchange === undefined) this.#linger();
    else if (!exchange.answerEnded) this.#clientGone();
    else if (exchange.flushed) {
      exchange.gone();
      this.#linger();
    } else this.dueAt = this.#host.dueAt(LINGER_MS);
  };

  #clientGone(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#socket.raw.destroy();
    exchange?.gone();
  }

  #onClose(): void {
    this.#mode = 'lingering';
    this.#input.clear();
    this.#host.closed(this);
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.gone();
  }

  // ---------------------------------------------------------------- what the server tells

  /** Its time has come. */
  onDue(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.#mode === 'exchange') this.#clientGone();
    else if (this.#mode === 'lingering') this.#socket.raw.destroy();
    else if (this.#reader.begun) this.#begin(LATE_HEAD);
    else this.#endIdle();
  }

  /** Now and then: a client that left while its connection is not read is seen to be gone (EV-3), where that can be seen. */
  look(): void {
    const unread = this.#mode === 'changed' ? this.#socket.raw.isPaused() : this.#socket.stopped;
    if (unread) this.#socket.destroyIfReset();
  }

  /** Ends in `ms`, 0: now, if nothing is asked until then; else with the answer. */
  endIdleIn(ms: number): void {
    if (this.#mode !== 'head' || this.#reader.begun) return;
    if (ms === 0) this.#endIdle();
    else this.dueAt = Math.min(this.dueAt, this.#host.dueAt(ms));
  }

  /** A request that is just coming in can't be answered any more: its client sees that it was not taken. */
  #endIdle(): void {
    this.#mode = 'lingering';
    this.#socket.raw.destroySoon();
  }

  cut(): void {
    if (this.#channel !== undefined) return this.#channel.destroy();
    this.output.flush();
    this.#socket.raw.destroy();
  }
}
