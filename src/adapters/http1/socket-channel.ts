import type { Socket } from 'node:net';
import type { ByteChannel, ByteChannelEvents } from '../../core/ports.ts';

/** No time limit holds for it, so a peer that vanished without a word must be found out by asking: TCP's own probes after so much silence. */
const PROBE_AFTER_MS = 60_000;

/**
 * A connection that speaks another protocol from here on (RFC 9110 §7.8). Server and client hand their socket over when a 101 has gone by;
 * they must have taken their own listeners off, but for one on `error`. A socket made with `onread` gives its bytes to `receive`.
 */
export class SocketChannel implements ByteChannel {
  readonly #socket: Socket;
  #events: ByteChannelEvents | undefined = undefined;
  /** What had come behind the head of the 101: the first bytes to be told of. */
  #early: Uint8Array | undefined;
  #paused = false;
  #peerEnded = false;
  #endTold = false;
  #closed: 'ended' | 'broken' | undefined = undefined;

  /** @param early belongs to the channel from here on. */
  constructor(socket: Socket, early: Uint8Array | undefined) {
    this.#socket = socket;
    this.#early = early === undefined || early.byteLength === 0 ? undefined : early;
    socket.allowHalfOpen = true;
    socket.setTimeout(0);
    socket.setKeepAlive(true, PROBE_AFTER_MS);
    socket.pause();
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.#events?.onDrain());
    socket.on('end', () => {
      this.#peerEnded = true;
      this.#tell();
    });
    // `close` follows every error and tells of it; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('close', (failed: boolean) => {
      this.#closed = !failed && this.#peerEnded && socket.writableFinished ? 'ended' : 'broken';
      this.#tell();
    });
  }

  listen(events: ByteChannelEvents): void {
    this.#events = events;
    queueMicrotask(() => this.#go());
  }

  /** Bytes of the peer, in order. `chunk` is handed on as it is. */
  receive(chunk: Uint8Array): void {
    this.#events?.onData(chunk);
  }

  write(chunk: Uint8Array): boolean {
    // Nobody reads it any more, and `onClosed` says so: no drain must be waited for.
    if (this.#socket.destroyed || this.#socket.writableEnded) return true;
    return this.#socket.write(chunk);
  }

  end(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#go();
  }

  /** With a RST: the peer must not take what it has for the whole. */
  destroy(): void {
    this.#early = undefined;
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
    else if (this.#closed !== undefined) queueMicrotask(() => this.#tell());
  }

  #go(): void {
    if (this.#events === undefined || this.#paused) return;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#events.onData(early);
    this.#tell();
    if (!this.#paused) this.#socket.resume();
  }

  /** FIN and end, in their order: never before the bytes that had come before them, except that a break overtakes everything. */
  #tell(): void {
    const events = this.#events;
    if (events === undefined) return;
    if (this.#closed === 'broken') this.#early = undefined;
    if (this.#early !== undefined) return;
    if (this.#peerEnded && !this.#endTold && this.#closed !== 'broken') {
      this.#endTold = true;
      events.onEnd();
    }
    if (this.#closed === undefined || this.#events === undefined) return;
    this.#events = undefined;
    events.onClosed(this.#closed);
  }
}
