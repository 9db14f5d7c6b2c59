import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Downstream, DownstreamEvents } from '../../core/ports.ts';

/** How long a client that was refused may go on sending before the connection goes, and how much (as EV-2): both so that it gets to read why. */
const LINGER_MS = 1000;
const LINGER_BYTES = 1024 * 1024;

/** The client's side where Node gave the connection up before there was a request: one whole answer, then the end. */
export class RawAnswer implements Downstream {
  readonly hasBody = false;
  readonly bodyLength = undefined;
  readonly expectsContinue = false;
  readonly #socket: Socket;
  #events: DownstreamEvents | undefined = undefined;
  readonly #readBytes: number;
  #linger: NodeJS.Timeout | undefined = undefined;
  #over = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#readBytes = socket.bytesRead;
  }

  listen(events: DownstreamEvents): void {
    this.#events = events;
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      clearTimeout(this.#linger);
      this.#finish();
    });
  }

  /** More came on the connection, and still nothing that could be understood. */
  heardMore(): void {
    if (this.#socket.bytesRead > this.#readBytes + LINGER_BYTES) this.#socket.destroy();
  }

  readBody(): void {}
  pauseBody(): void {}
  writeContinue(): void {}
  writeInfo(): void {}
  writeHead(): void {}
  write(): boolean {
    return true;
  }
  end(): void {}

  answer(status: number, headers: string[], body: Uint8Array): void {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    this.#socket.write(`${head}Connection: close\r\n\r\n`, 'latin1');
    this.#socket.end(body, () => this.#finish());
    // What the client still sends is read and forgotten for a while: closing at once would reset the connection under the answer.
    this.#socket.resume();
    this.#linger = setTimeout(() => this.#socket.destroy(), LINGER_MS);
  }

  abort(): void {
    this.#socket.destroy();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#socket.writableFinished) this.#events?.onFlushed();
    else this.#events?.onGone();
  }
}
