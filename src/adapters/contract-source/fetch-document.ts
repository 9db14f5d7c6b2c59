import http from 'node:http';
import type { LookupFunction } from 'node:net';
import { urlFault } from '../../core/fetched-url.ts';
import { ForbiddenAddress, guardedLookup, refuseForbidden } from './address-guard.ts';

/** By what a server tells whether a document has changed (RFC 9110 §8.8), as it said it. */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

export type Fetched =
  | { readonly is: 'new'; readonly bytes: Uint8Array; readonly validators: Validators /** After redirects. */; readonly foundAt: string }
  /** What it was when these validators were given. */
  | { readonly is: 'same' }
  /** `reason`: for people. */
  | { readonly is: 'failed'; readonly reason: string };

export interface FetchOptions {
  /** Of an earlier answer. */
  readonly validators?: Validators;
  /** Where that came from, after redirects; absent: from the URL itself. They say something about that resource alone (RFC 9110 §8.8), so no other is asked by them. */
  readonly foundAt?: string;
  /** Host that an operator named: its address is not held against it, and where it is loopback it may be asked over http. */
  readonly trusted: string | undefined;
  readonly maxBytes: number;
  /** For all of it, redirects too; and without a byte. */
  readonly timeoutMs?: number;
  readonly idleMs?: number;
}

const TIMEOUT_MS = 30_000;
const IDLE_MS = 10_000;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** One GET of one document, and what came of it. Never rejects; trusts nothing that comes. */
export async function fetchDocument(url: string, options: FetchOptions): Promise<Fetched> {
  const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  try {
    let at = new URL(url);
    const { validators, foundAt = at.href } = options;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const answer = await get(at, at.href === foundAt ? validators : undefined, options, signal);
      if (typeof answer !== 'string') return answer;
      at = redirected(answer, at, options);
    }
    return { is: 'failed', reason: `more than ${MAX_REDIRECTS} redirects` };
  } catch (error) {
    return { is: 'failed', reason: signal.aborted ? `not here within ${(options.timeoutMs ?? TIMEOUT_MS) / 1000} s` : reasonOf(error) };
  }
}

/** Where a Location leads (RFC 9110 §10.2.2): only to what could have been asked for in the first place. */
function redirected(location: string, from: URL, { trusted }: FetchOptions): URL {
  const to = URL.parse(location, from);
  if (to === null) throw new Error('a redirect to what is no URL');
  to.hash = '';
  const fault = urlFault(to.href);
  if (fault !== undefined) throw new Error(`a redirect to ${to.href.slice(0, 200)}, which ${fault}`);
  // From this machine to itself, never from outside into it.
  if (to.protocol === 'http:' && to.hostname !== trusted) throw new Error(`a redirect to ${to.href.slice(0, 200)}, which is not https`);
  return to;
}

/** What came, or where to ask next. */
async function get(url: URL, validators: Validators | undefined, options: FetchOptions, signal: AbortSignal): Promise<Fetched | string> {
  const guarded = url.hostname !== options.trusted;
  if (guarded) refuseForbidden(url.hostname);
  // TLS is only loaded where it is spoken.
  const transport = url.protocol === 'https:' ? (await import('node:https')).default : http;
  const { promise, resolve, reject } = Promise.withResolvers<Fetched | string>();
  const lookup: { lookup?: LookupFunction } = guarded ? { lookup: guardedLookup } : {};
  const request = transport.get(url, { agent: false, headers: headersOf(validators), signal, ...lookup });
  request.setTimeout(options.idleMs ?? IDLE_MS, () => request.destroy(new Error(`no byte for ${(options.idleMs ?? IDLE_MS) / 1000} s`)));
  request.on('error', reject);
  request.on('response', (response) => {
    response.on('error', reject);
    const answer = judge(response, validators, options);
    if (answer === 'read') return read(response, url, options.maxBytes, resolve, reject);
    resolve(answer);
    response.destroy();
  });
  return promise;
}

function headersOf(validators: Validators | undefined): http.OutgoingHttpHeaders {
  return {
    Accept: 'application/json, application/yaml, */*;q=0.5',
    'Accept-Encoding': 'identity',
    'User-Agent': 'plumbline',
    ...(validators?.etag !== undefined && { 'If-None-Match': validators.etag }),
    ...(validators?.lastModified !== undefined && { 'If-Modified-Since': validators.lastModified }),
  };
}

/** By the head alone; a text is where to ask next. */
function judge(
  { statusCode: status = 0, headers }: http.IncomingMessage,
  validators: Validators | undefined,
  { maxBytes }: FetchOptions,
): Fetched | 'read' | string {
  const failed = (reason: string): Fetched => ({ is: 'failed', reason });
  if (status === 304 && (validators?.etag ?? validators?.lastModified) !== undefined) return { is: 'same' };
  if (REDIRECTS.has(status) && headers.location !== undefined) return headers.location;
  if (status !== 200) return failed(`it answered ${status}`);
  // Without regard to case (RFC 9110 §8.4.1); an empty list is none.
  const coding = headers['content-encoding'] ?? '';
  if (!/^(?:identity)?$/i.test(coding)) return failed(`it came with Content-Encoding ${coding.slice(0, 40)}, which was not asked for`);
  return Number(headers['content-length'] ?? 0) > maxBytes ? failed(tooLarge(maxBytes)) : 'read';
}

function read(
  response: http.IncomingMessage,
  url: URL,
  maxBytes: number,
  resolve: (fetched: Fetched) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) chunks.push(chunk);
    else response.destroy(new Error(tooLarge(maxBytes)));
  });
  response.on('end', () => {
    const { etag, 'last-modified': lastModified } = response.headers;
    resolve({ is: 'new', bytes: Buffer.concat(chunks, bytes), validators: { etag, lastModified }, foundAt: url.href });
  });
  response.on('close', () => reject(new Error('it broke off')));
}

function tooLarge(maxBytes: number): string {
  return `larger than ${maxBytes / 1024 / 1024} MiB`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (ECONNREFUSED)',
  ENOTFOUND: 'there is no such host (ENOTFOUND)',
  EAI_AGAIN: 'its host cannot be looked up at the moment (EAI_AGAIN)',
  ECONNRESET: 'it broke off (ECONNRESET)',
};

function reasonOf(error: unknown): string {
  if (error instanceof ForbiddenAddress) return error.message;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? (code === '' || message.includes(code) ? message : `${message} (${code})`);
}
