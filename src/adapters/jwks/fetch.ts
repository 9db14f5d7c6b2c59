import http from 'node:http';
import type { Timers } from '../../core/ports.ts';

/** `failed` is for people: no address, nothing of what came. */
export type Fetched =
  | { readonly body: string; readonly cacheControl: string | undefined; readonly ageSeconds: number }
  | { readonly failed: string };

export interface FetchOptions {
  readonly timers: Timers;
  readonly userAgent: string;
  /** Gives it up; what came of it is then not used. */
  readonly signal: AbortSignal;
}

/** From the connection to the last byte, redirects included. */
const TIMEOUT_MS = 5000;
/** A key set is some KiB. */
const MAX_BYTES = 512 * 1024;
const MAX_REDIRECTS = 3;
/** RFC 9110 §15.4. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** One GET of a small JSON document. Redirects are followed within one origin: whoever answers elsewhere was not configured. Never rejects. */
export function fetchDocument(url: string, { timers, userAgent, signal }: FetchOptions): Promise<Fetched> {
  const { promise, resolve } = Promise.withResolvers<Fetched>();
  const giveUp = new AbortController();
  const onAbort = (): void => settle({ failed: 'given up' });
  const settle = (fetched: Fetched): void => {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
    resolve(fetched);
    giveUp.abort();
  };
  const timer = timers.after(TIMEOUT_MS, () => settle({ failed: `no answer within ${TIMEOUT_MS} ms` }));
  if (signal.aborted) settle({ failed: 'given up' });
  else {
    signal.addEventListener('abort', onAbort);
    void follow(new URL(url), { 'User-Agent': userAgent }, giveUp.signal, settle).catch(() => settle({ failed: 'cannot be asked' }));
  }
  return promise;
}

async function follow(
  start: URL,
  headers: http.OutgoingHttpHeaders,
  signal: AbortSignal,
  settle: (fetched: Fetched) => void,
): Promise<void> {
  // TLS is only loaded where it is spoken.
  const transport = start.protocol === 'https:' ? (await import('node:https')).default : http;
  const ask = (url: URL, redirects: number): void => {
    const request = transport.request(url, {
      agent: false,
      signal,
      headers: { Accept: 'application/jwk-set+json, application/json', 'Accept-Encoding': 'identity', ...headers },
    });
    // It must not keep a process alive that has nothing else to do.
    request.on('socket', (socket) => void socket.unref());
    request.on('error', (error: NodeJS.ErrnoException) => settle({ failed: error.code ?? 'the connection broke' }));
    request.on('close', () => settle({ failed: 'the connection was closed' }));
    request.on('response', (response) => {
      const { statusCode = 0, headers: fields } = response;
      if (statusCode === 200) return read(response, settle);
      const { location } = fields;
      const to = location !== undefined && REDIRECTS.has(statusCode) ? URL.parse(location, url.href) : null;
      if (to === null) settle({ failed: `status ${statusCode}` });
      else if (to.origin !== start.origin) settle({ failed: 'it redirects to another origin' });
      else if (redirects >= MAX_REDIRECTS) settle({ failed: 'it redirects too often' });
      else {
        request.removeAllListeners('close');
        response.on('error', () => undefined);
        request.destroy();
        ask(to, redirects + 1);
      }
    });
    request.end();
  };
  ask(start, 0);
}

function read(response: http.IncomingMessage, settle: (fetched: Fetched) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes <= MAX_BYTES) chunks.push(chunk);
    else settle({ failed: `more than ${MAX_BYTES} bytes` });
  });
  response.on('end', () => {
    const age = Number(response.headers.age ?? 0);
    settle({
      body: Buffer.concat(chunks).toString(),
      cacheControl: response.headers['cache-control'],
      ageSeconds: Number.isFinite(age) && age > 0 ? age : 0,
    });
  });
  response.on('error', (error: NodeJS.ErrnoException) => settle({ failed: error.code ?? 'the connection broke' }));
}
