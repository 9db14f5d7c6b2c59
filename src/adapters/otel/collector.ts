import http from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Timers } from '../../core/ports.ts';
import type { Reply } from './reply.ts';

/** The other end, as the exporter sees it. */
export interface Collector {
  /** One POST and what came of it. Never rejects. */
  post(body: string): Promise<Reply>;
  /** Gives up what is on its way, and every later POST at once. */
  close(): void;
}

export interface CollectorOptions {
  /** Where spans are posted to: `…/v1/traces`. */
  readonly url: URL;
  readonly timers: Timers;
  readonly userAgent: string;
  /** For one POST, from the connection to the last byte of the answer. */
  readonly timeoutMs?: number;
}

/** The OTLP specification's own default. */
const TIMEOUT_MS = 10_000;
/** An answer is a few bytes; one beyond this is not read on. */
const MAX_ANSWER_BYTES = 64 * 1024;

const compress = promisify(gzip);

/** A collector over HTTP or HTTPS, with one kept connection of its own. */
export async function httpCollector({ url, timers, userAgent, timeoutMs = TIMEOUT_MS }: CollectorOptions): Promise<Collector> {
  // TLS is only loaded where it is spoken.
  const transport = url.protocol === 'https:' ? (await import('node:https')).default : http;
  const agent = new transport.Agent({ keepAlive: true, maxSockets: 1 });
  // Within one machine there is nothing to save: some milliseconds of CPU a batch for bytes that never leave it.
  const packed = !isLoopback(url.hostname);
  const open = new Set<http.ClientRequest>();
  let closed = false;

  const once = (body: string | Buffer): Promise<Reply | 'stale'> => {
    if (closed) return Promise.resolve(CLOSED);
    const { promise, resolve } = Promise.withResolvers<Reply | 'stale'>();
    const request = transport.request(url, { method: 'POST', agent, headers: headersOf(body, userAgent) });
    open.add(request);
    const settle = (reply: Reply | 'stale'): void => {
      timer.cancel();
      open.delete(request);
      resolve(reply);
    };
    const timer = timers.after(timeoutMs, () => {
      settle({ failed: `no answer within ${timeoutMs} ms` });
      request.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection that its server had given up says nothing about the server (RFC 9112 §9.3.1).
      const stale = request.reusedSocket && STALE.has(error.code);
      settle(closed ? CLOSED : stale ? 'stale' : { failed: error.code ?? error.message });
    });
    request.on('close', () => settle(closed ? CLOSED : { failed: 'the connection was closed' }));
    request.on('response', (response) => read(response, settle));
    request.end(body);
    return promise;
  };

  return {
    async post(text) {
      const body = packed ? await compress(text, { level: constants.Z_BEST_SPEED }) : text;
      const reply = await once(body);
      if (reply !== 'stale') return reply;
      const again = await once(body);
      return again === 'stale' ? { failed: 'the connection was reset' } : again;
    },
    close() {
      closed = true;
      for (const request of open) request.destroy();
      agent.destroy();
    },
  };
}

const CLOSED: Reply = { failed: 'given up at the end of the process' };
/** What writing to a connection that its other end has closed comes to. */
const STALE: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

function headersOf(body: string | Buffer, userAgent: string): http.OutgoingHttpHeaders {
  return {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...(typeof body !== 'string' && { 'Content-Encoding': 'gzip' }),
    'User-Agent': userAgent,
  };
}

function read(response: http.IncomingMessage, settle: (reply: Reply) => void): void {
  const status = response.statusCode ?? 0;
  const retryAfter = response.headers['retry-after'];
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
    else {
      settle({ status, retryAfter, body: undefined });
      response.destroy();
    }
  });
  response.on('end', () => settle({ status, retryAfter, body: Buffer.concat(chunks).toString() }));
  response.on('error', (error: NodeJS.ErrnoException) => settle({ failed: error.code ?? error.message }));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
