import { type Socket, connect } from 'node:net';
import type { RawHeaders } from '../../../core/headers.ts';
import type { Timer } from '../../../core/ports.ts';
import { type Rejection, rejection } from '../../../core/rejection.ts';
import { handedOn } from '../handed-on.ts';
import { SocketChannel } from '../socket-channel.ts';
import { type AnswerEvents, AnswerReader } from './answer-reader.ts';
import type { Call, Carrier } from './call.ts';
import type { ConnectionDeps, ConnectionOwner } from './connection-owner.ts';
import { CONNECT_TIMEOUT, NOT_AS_LONG, RESET, connectFault } from './faults.ts';
import { Upload, type UploadEvents, latin1 } from './upload.ts';

const READ_BYTES = 64 * 1024;
const HOLD_MS = 1000;
/** A read that fills this much of the buffer is handed on as it is, and the connection takes another buffer; less is copied. */
const GIVE_AWAY_BYTES = 32 * 1024;
/** Head and body up to this size are written as one string: libuv has room for so much without an allocation. */
const ONE_PIECE_BYTES = 16 * 1024;

/** One connection to an upstream, which carries one call after the other. Nothing but the call is made for a request. */
export class Connection implements AnswerEvents, Carrier, UploadEvents {
  /** Monotonic instant from which on it must not be used; set while it is idle. */
  idleUntil = 0;
  readonly #owner: ConnectionOwner;
  readonly #deps: ConnectionDeps;
  readonly #reader = new AnswerReader(this);
  readonly #socket: Socket;
  #connecting: Timer | undefined;
  #buffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #givenAway = false;
  #call: Call | undefined = undefined;
  #upload: Upload | undefined = undefined;
  #served = 0;
  /** The request at hand has wholly been handed to the system. */
  #handedOver = false;
  #paused = false;
  #dropped = false;
  /** Nothing can be written any more, but an answer may still be read; until then. */
  #holding: Timer | undefined = undefined;
  #channel: SocketChannel | undefined = undefined;

  constructor(owner: ConnectionOwner, host: string, port: number, connectMs: number, deps: ConnectionDeps) {
    this.#owner = owner;
    this.#deps = deps;
    this.#connecting = deps.timers.after(connectMs, () => this.#connectFailed(CONNECT_TIMEOUT));
    // `onread` reads into a buffer of ours: Node's own way makes an ArrayBuffer for each read, 1 µs more for a small answer.
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      allowHalfOpen: true,
      onread: { buffer: () => this.#nextBuffer() as Buffer, callback: (bytes) => this.#onRead(bytes) },
    });
    const destroy = this.#socket.destroy.bind(this.#socket);
    this.#socket.destroy = (error) => (this.#holdsAnAnswer(error) ? this.#socket : destroy(error));
    this.#socket.once('connect', () => this.#onConnect());
    this.#socket.on('end', this.#onFin).on('error', this.#onError).on('close', this.#onClose).on('drain', this.#onDrain);
  }

  get usable(): boolean {
    return !this.#socket.destroyed;
  }

  /** Sends the request. The connection must be idle. */
  start(call: Call, now: number): void {
    const { request, t, text } = call;
    const { body } = request;
    call.carrier = this;
    this.#call = call;
    this.#handedOver = false;
    this.#reader.begin(request.method, request.upgrade);
    t.reused = this.#served > 0;
    this.#served += 1;
    t.sent = 'part';
    if (body === undefined) {
      this.#socket.write(text, 'latin1');
    } else if (!(body instanceof Uint8Array)) {
      this.#upload = new Upload(this.#socket, body, this);
      return this.#upload.start(text);
    } else if (text.length + body.byteLength <= ONE_PIECE_BYTES) {
      this.#socket.write(text + latin1(body), 'latin1');
    } else {
      this.#socket.cork();
      this.#socket.write(text, 'latin1');
      this.#socket.write(body);
      this.#socket.uncork();
    }
    this.#written(call, now);
  }

  /** Ends the connection at once. A call that it carries hears nothing. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#holding?.cancel();
    this.#reader.stop();
    this.#upload?.stop();
    this.#upload = this.#call = undefined;
    this.#socket.destroy();
    this.#owner.onGone(this);
  }

  /** As `drop`, but a call that it carries hears of it; also while it is being made. */
  cut(): void {
    if (this.#connecting === undefined) this.#break(RESET);
    else this.#connectFailed(RESET);
  }

  abandon(): void {
    this.drop();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  // ---------------------------------------------------------------- the socket

  /** Asked before the first read, and after each: undefined keeps the buffer. */
  #nextBuffer(): Buffer | undefined {
    if (this.#connecting === undefined && !this.#givenAway) return undefined;
    this.#givenAway = false;
    return this.#buffer;
  }

  #onRead(bytes: number): boolean {
    const read = this.#buffer.subarray(0, bytes);
    const owned = bytes >= GIVE_AWAY_BYTES;
    handedOn.add(owned ? READ_BYTES : bytes);
    if (owned) {
      this.#buffer = Buffer.allocUnsafeSlow(READ_BYTES);
      this.#givenAway = true;
    }
    if (this.#channel !== undefined) this.#channel.receive(owned ? read : Buffer.from(read));
    // While it is idle nobody asked for anything: whatever it is, it must not become the answer to the next request (HY-4).
    else if (this.#call === undefined) this.drop();
    else this.#reader.read(read, owned ? 'owned' : 'lent');
    return true;
  }

  #onConnect(): void {
    this.#connecting?.cancel();
    this.#connecting = undefined;
    this.#owner.onConnected(this);
  }

  #connectFailed(why: Rejection): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#connecting?.cancel();
    this.#socket.destroy();
    this.#owner.onConnectFailed(this, why);
  }

  /**
   * A write failed: the upstream closed while the request was being sent. What it said before that, a 413 perhaps, is still the system's
   * to give (EV-1), and `node:net` would throw it away with the socket. It comes at once, or with the reset that ends it; no FIN is told any more.
   */
  #holdsAnAnswer(error: NodeJS.ErrnoException | undefined): boolean {
    if (error?.syscall !== 'write' || this.#dropped || this.#call === undefined || this.#handedOver) return false;
    if (this.#holding !== undefined) return true;
    this.#upload?.stop();
    this.#hold(error);
    if (!this.#paused) this.#socket.resume();
    return true;
  }

  #hold(error: Error): void {
    this.#holding = this.#deps.timers.after(HOLD_MS, () => {
      if (this.#paused) return this.#hold(error);
      this.#onError(error);
    });
  }

  readonly #onFin = (): void => {
    if (this.#call !== undefined) this.#reader.fin();
    this.drop();
  };

  readonly #onError = (error: Error): void => {
    if (this.#connecting !== undefined) this.#connectFailed(connectFault(error));
    else this.#break(RESET);
  };

  readonly #onClose = (): void => this.#owner.onClosed(this);

  readonly #onDrain = (): void => this.#upload?.onDrain();

  // ---------------------------------------------------------------- the request

  onUploaded(): void {
    const call = this.#call;
    this.#upload = undefined;
    if (call !== undefined) this.#written(call, this.#deps.monotonicMs());
  }

  /** What the upstream has of it must not become whole, and nothing may follow: the connection ends. */
  onWrongLength(): void {
    const call = this.#call;
    this.drop();
    // Perhaps `send` has not returned yet.
    queueMicrotask(() => call?.fail(NOT_AS_LONG));
  }

  /** All of it was given to the socket; mostly the system has it by now. A callback with every write would cost 1 µs. */
  #written(call: Call, now: number): void {
    if (this.#socket.writableLength === 0) this.#sent(call, now);
    else {
      this.#socket.write('', 'latin1', (error) => {
        if (this.#call === call && (error === undefined || error === null)) this.#sent(call, this.#deps.monotonicMs());
      });
    }
  }

  #sent({ t }: Call, now: number): void {
    this.#handedOver = true;
    t.sent = 'all';
    t.sentAt = now;
  }

  // ---------------------------------------------------------------- the answer

  onInfo(status: number, headers: RawHeaders): void {
    this.#call?.to.onInfo(status, headers);
  }

  onHead(status: number, headers: RawHeaders): void {
    this.#call?.to.onHead({ origin: 'upstream', status, headers, body: 'stream', unread: undefined, rejection: undefined });
  }

  onData(chunk: Buffer): void {
    this.#call?.to.onData(chunk);
  }

  onEnd(trailers: RawHeaders, keptMs: number): void {
    const call = this.#call as Call;
    call.over = true;
    call.carrier = undefined;
    this.#call = undefined;
    // A request that was answered before it was whole leaves its rest on the connection (EV-1).
    if (keptMs > 0 && this.#handedOver) {
      this.resume();
      this.#owner.onFree(this, keptMs);
    } else this.drop();
    call.to.onEnd(trailers);
  }

  onSwitch(headers: RawHeaders, early: Buffer): void {
    const call = this.#call as Call;
    if (!this.#handedOver)
      return this.onUnreadable('UPSTREAM_BAD_FRAMING', 'the upstream changed the protocol in the middle of the request');
    call.over = true;
    call.carrier = undefined;
    this.#call = undefined;
    this.#channel = new SocketChannel(this.#socket, early);
    this.#socket.off('end', this.#onFin).off('error', this.#onError).off('close', this.#onClose).off('drain', this.#onDrain);
    this.#dropped = true;
    this.#owner.onGone(this);
    this.#owner.onClosed(this);
    call.to.onUpgrade({ origin: 'upstream', status: 101, headers, body: 'stream', unread: undefined, rejection: undefined }, this.#channel);
  }

  onUnreadable(code: 'UPSTREAM_BAD_FRAMING' | 'UPGRADE_FAILED', detail: string): void {
    this.#break(rejection(code, detail));
  }

  onCutShort(): void {
    this.#break(RESET);
  }

  #break(why: Rejection): void {
    const call = this.#call;
    this.drop();
    if (call?.t.reused === true && why === RESET && call.t.answer === undefined) this.#owner.onStale();
    call?.fail(why);
  }
}
