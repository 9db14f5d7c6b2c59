/** The HTTP/1.1 listener on `node:http`: framing, limits and connections; what a request means is the pipeline's to say. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RequestHead } from '../../core/exchange.ts';
import type { Downstream } from '../../core/ports.ts';
import type { Rejection } from '../../core/rejection.ts';
import { type Connections, Http1Exchange } from './exchange.ts';
import { readFraming } from './framing.ts';
import { CONNECT_REFUSED, EXPECTATION, headFault, parserFault } from './message-faults.ts';
import { pipelineAnswered, pipelineBegan } from './pipelines.ts';
import { RawAnswer } from './raw-answer.ts';

export interface Http1Options {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly keepAliveMs: number;
  readonly headerTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxUrlBytes: number;
  readonly maxConnections: number;
}

/** Takes a request in. `refusal`: what is wrong with the message itself. */
export type Take = (head: RequestHead, down: Downstream, socketAddress: string, refusal: Rejection | undefined) => void;
/** Path and query of a request target. */
export type SplitTarget = (target: string) => { readonly path: string; readonly query: string };

export class Http1Server {
  readonly #server;
  readonly #options: Http1Options;
  readonly #take: Take;
  readonly #split: SplitTarget;
  readonly #sockets = new Set<Socket>();
  /** Connections that are being told what was wrong with what came on them. */
  readonly #refused = new WeakMap<Socket, RawAnswer>();
  readonly #connections: Connections = {
    closing: false,
    answered: (socket) => {
      pipelineAnswered(socket);
      if (this.#connections.closing) closeIfIdle(socket);
    },
  };

  constructor(options: Http1Options, split: SplitTarget, take: Take) {
    this.#options = options;
    this.#take = take;
    this.#split = split;
    this.#server = createServer({
      maxHeaderSize: options.maxHeaderBytes,
      headersTimeout: options.headerTimeoutMs,
      keepAliveTimeout: options.keepAliveMs,
      requestTimeout: 0, // it would cut honest uploads (DL-4)
      connectionsCheckingInterval: 1000,
      requireHostHeader: false, // refused by us, with our error model
      noDelay: true,
    });
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (req, res) => this.#onRequest(req, res, undefined));
    this.#server.on('checkContinue', (req, res) => this.#onRequest(req, res, undefined));
    this.#server.on('checkExpectation', (req, res) => this.#onRequest(req, res, EXPECTATION));
    this.#server.on('connect', (req: IncomingMessage, socket: Duplex) => this.#onConnect(req, socket as Socket));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => this.#onClientError(error, socket as Socket));
  }

  listen(): Promise<AddressInfo> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** No new connections; kept ones end with their next answer, idle ones at once. Resolves when all are gone. */
  drain(): Promise<void> {
    this.#connections.closing = true;
    return new Promise((resolve) => {
      // Not the close of node:http: it destroys connections whose answer was handed over and has not left yet.
      NetServer.prototype.close.call(this.#server, () => resolve());
      for (const socket of this.#sockets) closeIfIdle(socket);
    });
  }

  /** Ends every connection at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close(() => undefined); // stops its look at slow heads; that it listens no more is no news
  }

  #onRequest(req: IncomingMessage, res: ServerResponse, refusal: Rejection | undefined): void {
    const target = req.url as string;
    const httpVersion = req.httpVersion === '1.0' ? '1.0' : '1.1';
    const framing = readFraming(req.rawHeaders, httpVersion);
    const { path, query } = this.#split(target);
    const head: RequestHead = {
      method: req.method as string,
      target,
      path,
      query,
      headers: req.rawHeaders,
      httpVersion,
      scheme: 'http',
    };
    const down = new Http1Exchange(req, res, framing, this.#connections);
    pipelineBegan(req.socket);
    const fault = refusal ?? headFault(req, res, framing, this.#options.maxUrlBytes);
    this.#take(head, down, req.socket.remoteAddress ?? '', fault);
  }

  /** EV-9: on ingress nobody is tunnelled. */
  #onConnect(req: IncomingMessage, socket: Socket): void {
    this.#takeRaw(socket, CONNECT_REFUSED, { method: 'CONNECT', target: req.url ?? '', headers: req.rawHeaders });
  }

  /** Comes again for each further piece of what could not be understood: to close at once would take the answer from who still sends. */
  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const refused = this.#refused.get(socket);
    if (refused !== undefined) return refused.heardMore();
    const refusal = parserFault(error);
    // An answer that is already on its way on this connection must not be mixed with another.
    if (refusal === undefined || !socket.writable || isServing(socket)) socket.destroy();
    else this.#takeRaw(socket, refusal, { method: '', target: '', headers: [] });
  }

  #takeRaw(socket: Socket, refusal: Rejection, known: Pick<RequestHead, 'method' | 'target' | 'headers'>): void {
    const head: RequestHead = { ...known, path: '', query: '', httpVersion: '1.1', scheme: 'http' };
    const down = new RawAnswer(socket);
    this.#refused.set(socket, down);
    this.#take(head, down, socket.remoteAddress ?? '', refusal);
  }
}

/** What Node knows of a connection, and tells nobody. */
interface Inner {
  /** The answer that belongs to the connection now. */
  readonly _httpMessage?: ServerResponse | null;
  readonly parser?: { /** The request whose body is being read. */ readonly incoming?: IncomingMessage | null } | null;
}

/** An answer belongs to this connection that has not wholly left. */
function isAnswering(socket: Socket): boolean {
  return Boolean((socket as Inner)._httpMessage);
}

/** What is wrong on this connection is part of a request that was taken in, not a request of its own. */
function isServing(socket: Socket): boolean {
  return isAnswering(socket) || (socket as Inner).parser?.incoming?.complete === false;
}

function closeIfIdle(socket: Socket): void {
  if (!isAnswering(socket)) socket.destroySoon();
}
