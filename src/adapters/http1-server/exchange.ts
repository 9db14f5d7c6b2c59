import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type RawHeaders, fieldName, isFieldValue } from '../../core/headers.ts';
import type { Downstream, DownstreamEvents } from '../../core/ports.ts';
import type { Framing } from './framing.ts';

/** What an exchange and its listener tell each other of connections. */
export interface Connections {
  /** The server is draining: tell the client that this connection will not be used again (RFC 9112 §9.6). */
  closing: boolean;
  /** An answer has wholly left on this connection. */
  answered(socket: Socket): void;
}

/** The client's side of one HTTP/1.1 exchange on `node:http`. */
export class Http1Exchange implements Downstream {
  readonly hasBody: boolean;
  readonly bodyLength: number | undefined;
  readonly expectsContinue: boolean;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #connections: Connections;
  #events: DownstreamEvents | undefined = undefined;
  #reading = false;
  #listensForDrain = false;
  /** The head waits for the first bytes of the body, until the end of this turn: both then leave in one write. */
  #head: 'none' | 'waiting' | 'gone' = 'none';
  #held: Uint8Array | undefined = undefined;
  #closed = false;

  constructor(req: IncomingMessage, res: ServerResponse, framing: Framing, connections: Connections) {
    this.hasBody = framing.hasBody;
    this.bodyLength = framing.bodyLength;
    this.expectsContinue = framing.expectsContinue;
    this.#req = req;
    this.#res = res;
    this.#connections = connections;
    res.sendDate = false; // the upstream's, or none: nothing is added to an answer that nobody sent
  }

  listen(events: DownstreamEvents): void {
    this.#events = events;
    this.#res.on('close', () => this.#onClose());
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#res.writableFinished) {
      this.#events?.onGone();
      return;
    }
    this.#events?.onFlushed();
    this.#connections.answered(this.#req.socket);
  }

  // ---------------------------------------------------------------- the request's body

  readBody(): void {
    const req = this.#req;
    if (this.#reading) {
      req.resume();
      return;
    }
    this.#reading = true;
    req.on('data', (chunk: Buffer) => this.#events?.onBodyData(chunk));
    req.on('end', () => this.#events?.onBodyEnd());
    req.on('error', () => undefined); // an upload that breaks off; told by close
    req.on('close', () => {
      if (!req.complete) this.#events?.onGone();
    });
  }

  pauseBody(): void {
    this.#req.pause();
  }

  // ---------------------------------------------------------------- the answer

  writeContinue(): void {
    if (!this.#res.destroyed) this.#res.writeContinue();
  }

  writeInfo(status: number, headers: RawHeaders): void {
    if (!this.#res.destroyed && !this.#res.headersSent) this.#res.writeInformation(status, headers as string[]);
  }

  writeHead(status: number, headers: string[]): void {
    this.#writeHead(status, headers);
    this.#head = 'waiting';
    queueMicrotask(() => this.#flush());
  }

  #writeHead(status: number, headers: string[]): void {
    if (this.#connections.closing && isLast(this.#req)) headers.push('Connection', 'close');
    this.#res.writeHead(status, headers);
  }

  #flush(): void {
    if (this.#head !== 'waiting') return;
    this.#head = 'gone';
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) this.#res.flushHeaders();
    else this.#put(held);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#head === 'waiting') {
      if (this.#held === undefined) {
        this.#held = chunk;
        return true;
      }
      this.#flush();
    }
    return this.#put(chunk);
  }

  #put(chunk: Uint8Array): boolean {
    if (this.#res.destroyed) return true;
    if (this.#res.write(chunk)) return true;
    if (!this.#listensForDrain) {
      this.#listensForDrain = true;
      this.#res.on('drain', () => this.#events?.onDrain());
    }
    return false;
  }

  answer(status: number, headers: string[], body: Uint8Array): void {
    this.#head = 'gone';
    this.#writeHead(status, headers);
    if (body.byteLength > 0) this.#res.end(body);
    else this.#res.end();
  }

  end(trailers: RawHeaders | undefined): void {
    this.#head = 'gone';
    if (this.#res.destroyed) return;
    if (trailers !== undefined && trailers.length > 0) this.#addTrailers(trailers);
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) this.#res.end();
    else this.#res.end(held);
  }

  /** Sent where the answer is chunked, else forgotten by Node (RFC 9112 §7.1.2). */
  #addTrailers(trailers: RawHeaders): void {
    const fields: [string, string][] = [];
    for (let i = 0; i < trailers.length; i += 2) {
      const [name, value] = [trailers[i] as string, trailers[i + 1] as string];
      if (!fieldName(name).hopByHop && isFieldValue(value)) fields.push([name, value]);
    }
    this.#res.addTrailers(fields);
  }

  /**
   * A client that takes the end of the connection for the end of the body (HTTP/1.0) must see a reset. An answer that is still queued
   * behind others of its connection (RFC 9112 §9.3.2) takes the connection down only when its turn comes.
   */
  abort(): void {
    const { socket } = this.#req;
    if (this.#res.socket === null && !this.#res.writableFinished) this.#res.once('socket', () => socket.destroy());
    else if (this.#req.httpVersion === '1.0') socket.resetAndDestroy();
    else socket.destroy();
  }
}

/** What Node knows of a connection, and tells nobody: the newest request on it. */
interface Inner {
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null;
}

/** No other request came in behind it on its connection: nothing is lost if that closes after the answer. */
function isLast(req: IncomingMessage): boolean {
  const newest = (req.socket as Inner).parser?.incoming;
  return newest === req || newest === null || newest === undefined;
}
