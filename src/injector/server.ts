import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type Endpoint, listenAt } from '../core/listen.ts';
import { ListenError } from '../core/listen-error.ts';
import type { Clock, Logger, Timers } from '../core/ports.ts';
import { MAX_READING_BYTES, MAX_REVIEW_BYTES, ReadingBudget, readBody } from './body.ts';
import type { ServingPair } from './certificates/pair.ts';
import { TlsComplaints } from './tls-complaints.ts';

export interface ReviewServerParts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Answers the body of a review; must not throw. */
  readonly review: (body: Buffer) => ReviewReply;
  /** A review was answered, or what should have been one refused. `seconds`: since its head was here. */
  readonly onAnswered: (outcome: string, seconds: number) => void;
}

export interface ReviewReply {
  /** 200, or 400 with a problem of RFC 9457. */
  readonly status: 200 | 400;
  readonly body: object;
  readonly outcome: string;
}

/** Most connections at a time; further ones are closed. An API server opens one for each review that it waits for. */
const MAX_CONNECTIONS = 512;
/** Handshake, and head of a request. An API server waits 10 s by default: it is not for us to give up before. */
const HEADERS_TIMEOUT_MS = 15_000;
/** Of a whole request: the most that an API server can be told to wait (`timeoutSeconds: 30`). */
const REQUEST_TIMEOUT_MS = 30_000;
/** A connection on which nothing moves: a reader that stopped reading. */
const STUCK_MS = 30_000;
/** Longer than the 90 s after which an API server drops a connection that it does not use: so it is never we who cut one that it just took. */
const KEEP_ALIVE_MS = 100_000;
const MIN_VERSION = 'TLSv1.2';

/** The HTTPS server that the API server calls. Until the first certificate is there, every handshake fails. */
export class ReviewServer {
  readonly #parts: ReviewServerParts;
  readonly #budget = new ReadingBudget(MAX_READING_BYTES);
  readonly #server: https.Server;
  /** Also those that have not shaken hands yet, of which the HTTP server knows nothing. */
  readonly #sockets = new Set<Socket>();
  #isEnding = false;

  constructor(parts: ReviewServerParts) {
    this.#parts = parts;
    this.#server = https.createServer(
      {
        minVersion: MIN_VERSION,
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: HEADERS_TIMEOUT_MS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: 1_000,
        keepAliveTimeout: KEEP_ALIVE_MS,
        maxHeaderSize: 16 * 1024,
      },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.setTimeout(STUCK_MS);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    const complaints = new TlsComplaints(parts.logger, parts.clock);
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException) => complaints.heard(error));
  }

  /** Connections that are open keep what they were greeted with; all that follow get this one. */
  serve({ cert, key }: ServingPair): void {
    this.#server.setSecureContext({ cert, key, minVersion: MIN_VERSION });
  }

  /** Resolves with what was bound; rejects with ListenError. */
  async listen(endpoint: Endpoint): Promise<{ readonly host: string; readonly port: number }> {
    try {
      const bound = await listenAt(this.#server, endpoint);
      return { host: bound.address, port: bound.port };
    } catch (error) {
      throw new ListenError('injector', endpoint, (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
    }
  }

  /** Takes nothing new; what runs is finished within `graceMs`, and cut then. */
  async close(graceMs: number): Promise<void> {
    this.#isEnding = true;
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    const cut = this.#parts.timers.after(graceMs, () => {
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed;
    cut.cancel();
  }

  /** From now on each connection is closed after its answer: the next one goes to another replica. */
  endConnections(): void {
    this.#isEnding = true;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, onAnswered } = this.#parts;
    const beganMs = clock.monotonicMs();
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      if (refusal.isReview) onAnswered('invalid', (clock.monotonicMs() - beganMs) / 1000);
      return this.#refuse(response, refusal);
    }
    const body = await readBody(request, this.#budget);
    if (body.is === 'gone') return;
    if (body.is === 'read') {
      const { status, body: answer, outcome } = this.#parts.review(body.bytes);
      this.#send(response, status, status === 200 ? 'application/json' : 'application/problem+json', answer);
      return onAnswered(outcome, (clock.monotonicMs() - beganMs) / 1000);
    }
    onAnswered(body.is === 'busy' ? 'failed' : 'invalid', (clock.monotonicMs() - beganMs) / 1000);
    this.#refuse(response, body.is === 'busy' ? BUSY : TOO_LARGE);
  }

  #refuse(response: ServerResponse, { status, detail, headers = {} }: Refusal): void {
    // What is left of the body is not read: the connection is of no more use.
    for (const [name, value] of Object.entries({ ...headers, Connection: 'close' })) response.setHeader(name, value);
    this.#send(response, status, 'application/problem+json', {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
    });
  }

  #send(response: ServerResponse, status: number, type: string, body: object): void {
    const bytes = Buffer.from(JSON.stringify(body));
    if (this.#isEnding) response.setHeader('Connection', 'close');
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Length': bytes.length,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(bytes);
  }
}

interface Refusal {
  readonly status: number;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const TOO_LARGE: Refusal = { status: 413, detail: `a review has at most ${MAX_REVIEW_BYTES} bytes` };
/** API servers send again what was answered so. */
const BUSY: Refusal = { status: 503, detail: 'too many reviews are being read at the moment', headers: { 'Retry-After': '1' } };

/** By the head alone. The API server adds a query that says its timeout. */
function refusalOf({ method, url = '', headers }: IncomingMessage): (Refusal & { readonly isReview: boolean }) | undefined {
  const path = url.split('?', 1)[0];
  if (path !== '/inject') return { status: 404, detail: 'there is nothing at this path; reviews go to /inject', isReview: false };
  if (method !== 'POST') {
    return { status: 405, detail: 'reviews are sent with POST', headers: { Allow: 'POST' }, isReview: false };
  }
  // Parameters are of no meaning to JSON (RFC 8259 §11).
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    return { status: 415, detail: 'a review is application/json', headers: { Accept: 'application/json' }, isReview: true };
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? '')) {
    return { status: 415, detail: 'a review comes without Content-Encoding', headers: { 'Accept-Encoding': 'identity' }, isReview: true };
  }
  return undefined;
}
