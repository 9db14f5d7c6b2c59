import type { Socket } from 'node:net';
import type { BodySink, BodySource } from '../../../core/ports.ts';
import { chunkHead, chunkedEnd } from '../wire/message-text.ts';

export interface UploadEvents {
  /** The last byte was written; some of them may still wait in the socket. */
  onUploaded(): void;
  /** The source gave more or less than it had announced. */
  onWrongLength(): void;
}

/** More than this waiting in the socket, and the source has to wait. */
const HIGH_BYTES = 64 * 1024;
/** Chunks up to this size are put together with their borders: a copy costs less than a second piece to write. */
const SMALL_BYTES = 16 * 1024;

/** A request's body on its way to a socket: as it is where its length was announced, else in chunks (RFC 9112 §7.1). */
export class Upload implements BodySink {
  readonly #socket: Socket;
  readonly #source: BodySource;
  readonly #events: UploadEvents;
  /** Undefined: chunked. */
  #leftBytes: number | undefined;
  #stalled = false;
  /** Small chunks of one turn, put together: a body of single bytes must not cost a write each. */
  #pending = '';
  #over = false;

  constructor(socket: Socket, source: BodySource, events: UploadEvents) {
    this.#socket = socket;
    this.#source = source;
    this.#events = events;
    this.#leftBytes = source.length;
  }

  /** Head and what of the body is here leave together. */
  start(head: string): void {
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#source.start(this);
    this.#socket.uncork();
  }

  /** Nobody takes the rest. */
  stop(): void {
    this.#over = true;
    this.#pending = '';
  }

  onDrain(): void {
    if (!this.#stalled || this.#over) return;
    this.#stalled = false;
    this.#source.resume();
  }

  write(chunk: Uint8Array): boolean {
    // An empty chunk would be the end of the body.
    if (this.#over || chunk.byteLength === 0) return true;
    if (this.#leftBytes === undefined) this.#writeChunk(chunk);
    else {
      this.#leftBytes -= chunk.byteLength;
      if (this.#leftBytes < 0) return this.#wrongLength();
      this.#socket.write(chunk);
    }
    this.#stalled = this.#socket.writableLength > HIGH_BYTES;
    return !this.#stalled;
  }

  end(): void {
    if (this.#over) return;
    if (this.#leftBytes === undefined) {
      this.#pending += chunkedEnd(undefined);
      this.#flush();
    } else if (this.#leftBytes > 0) return void this.#wrongLength();
    this.#over = true;
    this.#events.onUploaded();
  }

  #writeChunk(chunk: Uint8Array): void {
    const head = chunkHead(chunk.byteLength);
    if (chunk.byteLength <= SMALL_BYTES) {
      if (this.#pending === '') queueMicrotask(this.#flush);
      this.#pending += `${head}${latin1(chunk)}\r\n`;
      if (this.#pending.length > SMALL_BYTES) this.#flush();
      return;
    }
    this.#flush();
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(chunk);
    this.#socket.write('\r\n', 'latin1');
    this.#socket.uncork();
  }

  readonly #flush = (): void => {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') this.#socket.write(text, 'latin1');
  };

  #wrongLength(): true {
    this.#over = true;
    this.#events.onWrongLength();
    return true;
  }
}

/** Bytes as a string of as many characters, to be written as `latin1`. */
export function latin1(bytes: Uint8Array): string {
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('latin1');
}
