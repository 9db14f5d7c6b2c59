import { type RawHeaders, fieldName, headerValue } from '../../core/headers.ts';
import type { RecordedExchange } from '../../observation/traffic/recorded.ts';

/**
 * Recordings leave lengths out, or have those of a coded body: without them a message would say that it has no body (RFC 9112 §6.3). Heads are given the
 * lengths that the recorded bodies have.
 */
export function requestFields({ requestHeaders: headers, requestBody: body, host }: RecordedExchange): RawHeaders {
  const named = host === '' || headerValue(headers, 'host') !== undefined ? headers : ['Host', host, ...headers];
  if (body === 'absent') return headerValue(named, 'content-length') === undefined ? named : withLength(named, 0);
  if (body === 'unrecorded') return isLong(named) ? named : [...withoutLength(named), 'Transfer-Encoding', 'chunked'];
  return withLength(named, body.byteLength);
}

/** Answers to HEAD, and 304, say the length of what they do not have (RFC 9110 §8.6). */
export function responseFields({ method, status, responseHeaders: headers, responseBody: body }: RecordedExchange): RawHeaders {
  if (method === 'HEAD' || BODILESS.has(status)) return headers;
  if (body === 'unrecorded') return isLong(headers) ? headers : withoutLength(headers);
  return withLength(headers, body === 'absent' ? 0 : body.byteLength);
}

const BODILESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

function isLong(headers: RawHeaders): boolean {
  return /^0*[1-9]\d*$/.test(headerValue(headers, 'content-length') ?? '');
}

function withLength(headers: RawHeaders, bytes: number): RawHeaders {
  return [...withoutLength(headers), 'Content-Length', String(bytes)];
}

function withoutLength(headers: RawHeaders): RawHeaders {
  return headers.filter((_, i) => fieldName(headers[i - (i % 2)] as string).lower !== 'content-length');
}
