import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Downstream, DownstreamEvents } from '../../core/ports.ts';

/** How long a client that was refused may take to read why before the connection goes. */
const LINGER_MS = 1000;

/** The client's side where Node gave the connection up before there was a request: one whole answer, then the end. */
export class RawAnswer implements Downstream {
  readonly hasBody = false;
  readonly bodyLength = undefined;
  readonly expectsContinue = false;
  readonly #socket: Socket;
  #events: DownstreamEvents | undefined = undefined;
  #over = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  listen(events: DownstreamEvents): void {
    this.#events = events;
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.#finish());
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
    this.#socket.setTimeout(LINGER_MS, () => this.#socket.destroy());
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
