import { connectionOptions } from './connection-options.ts';
import type { HeadFault } from './fields.ts';
import { lengthOf } from './message-length.ts';
import type { ParsedResponseHead } from './response-head.ts';

/** How the body of an answer ends, and what becomes of its connection after that (RFC 9112 §6.3, §9.3). */
export interface ResponseFraming {
  /** Bytes of the body, or what tells its end. */
  readonly body: number | 'chunked' | 'until-close';
  /** How long the sender keeps the connection for another request; 0: it does not, Infinity: it did not say. */
  readonly keptMs: number;
}

const CONTENT_LENGTH = 'content-length';
const TRANSFER_ENCODING = 'transfer-encoding';
/** A length as everybody writes it: no list, no zeros before it. */
const PLAIN = /^(?:0|[1-9]\d*)$/;
const HINT = /(?:^|[,;\s])timeout=(\d{1,9})/i;

/**
 * Reads the framing of a final answer. Stricter than §6.3: what two readers could take for two different lengths is a fault. Equal lengths
 * are made one, in plain digits, in `head.headers`, and what a 204 says of a body it may not have (RFC 9110 §8.6, RFC 9112 §6.1) is taken out of it.
 */
export function responseFraming(head: ParsedResponseHead, requestMethod: string): ResponseFraming | HeadFault {
  const { status, minor, headers } = head;
  let length = -1;
  let chunked = false;
  let closes = false;
  let keeps = minor === 1;
  let keptMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    switch (name.length) {
      case 10:
        if (is(name, 'connection')) {
          const options = connectionOptions(headers[i + 1] as string);
          closes ||= options.close;
          keeps ||= options.keepAlive;
        } else if (is(name, 'keep-alive')) keptMs = Math.min(keptMs, hintMs(headers[i + 1] as string));
        break;
      case 14:
        if (is(name, CONTENT_LENGTH)) {
          const bytes = lengthOf(headers[i + 1] as string);
          if (bytes < 0) return 'its Content-Length is no length';
          if (length >= 0 && bytes !== length) return 'it has two lengths';
          if (length >= 0) {
            headers.splice(i, 2);
            i -= 2;
          } else if (!PLAIN.test(headers[i + 1] as string)) headers[i + 1] = String(bytes);
          length = bytes;
        }
        break;
      case 17:
        if (is(name, TRANSFER_ENCODING)) {
          if (chunked || !is(headers[i + 1] as string, 'chunked')) return 'its Transfer-Encoding is not chunked, once';
          chunked = true;
        }
    }
  }
  if (chunked && length >= 0) return 'it has a length and is chunked';
  if (chunked && minor === 0) return 'it is chunked, in HTTP/1.0';
  if (status === 204) dropFraming(headers);
  const body = isBodiless(status, requestMethod) ? 0 : chunked ? 'chunked' : length >= 0 ? length : status === 205 ? 0 : 'until-close';
  return { body, keptMs: keeps && !closes && body !== 'until-close' ? keptMs : 0 };
}

/**
 * §6.3, rules 1 and 2. A 205 has no content either (RFC 9110 §15.3.6), but all readers take what its framing tells of: only where that tells
 * of nothing, nothing is waited for.
 */
function isBodiless(status: number, requestMethod: string): boolean {
  return status === 204 || status === 304 || requestMethod === 'HEAD';
}

/** Takes Content-Length and Transfer-Encoding out of `headers`: of a 1xx or a 204, which may have neither (RFC 9110 §8.6, RFC 9112 §6.1). */
export function dropFraming(headers: string[]): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = headers[i] as string;
    if (is(name, CONTENT_LENGTH) || is(name, TRANSFER_ENCODING)) headers.splice(i, 2);
  }
}

function is(text: string, lower: string): boolean {
  return text.length === lower.length && (text === lower || text.toLowerCase() === lower);
}

/** The parameter `timeout` of Keep-Alive, in seconds there; no RFC has it, all servers send it. */
function hintMs(value: string): number {
  const seconds = HINT.exec(value)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}
