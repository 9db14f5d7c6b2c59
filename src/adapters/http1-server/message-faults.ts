/** What is wrong with a message itself: what Node's parser finds, and what it lets pass and RFC 9112 does not (semantics HY-1). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Rejection, rejection } from '../../core/rejection.ts';
import type { SeenHead } from './framing.ts';

export const EXPECTATION = rejection('EXPECTATION_FAILED', 'only 100-continue can be expected');
const URI_TOO_LONG = rejection('URI_TOO_LONG', 'the request target is too long');
const OTHER_VERSION = rejection('MALFORMED_REQUEST', 'only HTTP/1.0 and HTTP/1.1 are spoken here');
const NO_HOST = rejection('MALFORMED_REQUEST', 'a request of HTTP/1.1 needs a Host');
const OTHER_HOST = rejection('MALFORMED_REQUEST', 'the target names another host than Host');
const OLD_CHUNKS = rejection('MALFORMED_REQUEST', 'HTTP/1.0 knows no Transfer-Encoding');
const OTHER_CODING = rejection('UNSUPPORTED_TRANSFER_CODING', 'the only transfer coding that is known here is chunked');
const TWO_HOSTS = rejection('MALFORMED_REQUEST', 'more than one Host');
export const CONNECT_REFUSED = rejection('METHOD_NOT_ALLOWED', 'CONNECT is not served here', {
  headers: ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
});

/** After these nobody can be sure where the next request begins, or whom it is for. */
const CLOSING: ReadonlySet<string> = new Set(['MALFORMED_REQUEST', 'UNSUPPORTED_TRANSFER_CODING']);

/** What is wrong with a head that Node took; tells Node to close the connection where it cannot be used again. */
export function headFault(req: IncomingMessage, res: ServerResponse, seen: SeenHead, maxUrlBytes: number): Rejection | undefined {
  const fault = findFault(req, seen, maxUrlBytes);
  if (fault !== undefined && CLOSING.has(fault.code)) res.shouldKeepAlive = false;
  return fault;
}

function findFault({ httpVersion, url }: IncomingMessage, { hosts, host, coding }: SeenHead, maxUrlBytes: number): Rejection | undefined {
  const target = url as string;
  // Node's parser takes 0.9 and 2.0 in this syntax too.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return OTHER_VERSION;
  if (target.length > maxUrlBytes) return URI_TOO_LONG;
  if (hosts === 0 && httpVersion === '1.1') return NO_HOST;
  if (hosts > 1) return TWO_HOSTS;
  if (coding !== undefined && httpVersion === '1.0') return OLD_CHUNKS;
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return OTHER_CODING;
  return hosts === 1 && !target.startsWith('/') && differs(target, host) ? OTHER_HOST : undefined;
}

/** Whether an absolute-form target (RFC 9112 §3.2.2) names another authority than the field Host. */
function differs(target: string, host: string): boolean {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1];
  return authority !== undefined && authority.toLowerCase() !== host.toLowerCase();
}

/** What Node's parser or its time limits found; undefined: the connection is simply gone. */
export function parserFault(error: NodeJS.ErrnoException): Rejection | undefined {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ETIMEDOUT':
    case 'HPE_INVALID_EOF_STATE': // left in the middle of a message
      return undefined;
    case 'HPE_HEADER_OVERFLOW':
      return rejection('HEADERS_TOO_LARGE', 'the head of the request is too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return rejection('REQUEST_TIMEOUT', 'the head of the request did not arrive in time');
    default:
      return rejection('MALFORMED_REQUEST', 'the request is not HTTP/1.1');
  }
}
