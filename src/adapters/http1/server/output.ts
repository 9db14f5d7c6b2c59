import type { Socket } from 'node:net';

/** Up to here a string is written without memory of its own (libuv tries it from the stack); beyond it bytes go as they are. */
const MAX_TEXT_BYTES = 16 * 1024;

/** Its reactions run at the end of the turn; cheaper than queueMicrotask, which makes an async resource for each. */
export const TURN = Promise.resolve();

/** What goes out on a connection. All that is given to it in one turn of the event loop leaves in one write where it can. */
export class Output {
  readonly #socket: Socket;
  #text = '';
  #corked = false;
  #flushing = false;
  readonly #flushSoon = (): void => {
    this.#flushing = false;
    this.flush();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** No more should be given before the socket's `drain`. */
  get full(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Every byte has been handed to the system. */
  get empty(): boolean {
    return this.#text === '' && this.#socket.writableLength === 0;
  }

  /** `text` is latin1. Leaves with the next `flush` or `flushAtTurnsEnd`. */
  text(text: string): void {
    this.#text += text;
  }

  /** `chunk` between two texts; it must not change afterwards. */
  bytes(before: string, chunk: Uint8Array, after: string): void {
    const { byteLength } = chunk;
    if (this.#text.length + before.length + byteLength + after.length <= MAX_TEXT_BYTES) {
      this.#text += before + latin1(chunk) + after;
      return;
    }
    const socket = this.#socket;
    if (!socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
    }
    const text = this.#text + before;
    if (text !== '') socket.write(text, 'latin1');
    if (byteLength > 0) socket.write(chunk);
    this.#text = after;
  }

  flushAtTurnsEnd(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    void TURN.then(this.#flushSoon);
  }

  flush(): void {
    const text = this.#text;
    this.#text = '';
    const socket = this.#socket;
    if (!socket.writable) return;
    if (text !== '') socket.write(text, 'latin1');
    if (this.#corked) {
      this.#corked = false;
      socket.uncork();
    }
  }
}

function latin1(chunk: Uint8Array): string {
  const bytes = chunk instanceof Buffer ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return bytes.toString('latin1');
}
