import { type Rejection, rejection } from '../../core/rejection.ts';

/** Codes of errors that say how far a request got (undici's own, Node's, libuv's). */
const BY_CODE: Readonly<Record<string, Rejection>> = {
  ECONNREFUSED: rejection('UPSTREAM_REFUSED', 'the upstream refused the connection'),
  EHOSTUNREACH: rejection('UPSTREAM_REFUSED', 'the upstream cannot be reached'),
  ENETUNREACH: rejection('UPSTREAM_REFUSED', 'the upstream cannot be reached'),
  EADDRNOTAVAIL: rejection('UPSTREAM_REFUSED', 'no address was free to reach the upstream from'),
  ENOTFOUND: rejection('DNS_FAILURE', "the upstream's name has no address"),
  EAI_AGAIN: rejection('DNS_FAILURE', "the upstream's name could not be resolved"),
  EAI_FAIL: rejection('DNS_FAILURE', "the upstream's name could not be resolved"),
  ENODATA: rejection('DNS_FAILURE', "the upstream's name has no address"),
  ETIMEDOUT: rejection('CONNECT_TIMEOUT', 'no connection to the upstream in time'),
  UND_ERR_CONNECT_TIMEOUT: rejection('CONNECT_TIMEOUT', 'no connection to the upstream in time'),
  UND_ERR_HEADERS_OVERFLOW: rejection('UPSTREAM_BAD_FRAMING', "the head of the upstream's answer is too large"),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: rejection('UPSTREAM_RESET', "the upstream's answer is shorter or longer than it said"),
  UND_ERR_INVALID_ARG: rejection('MALFORMED_REQUEST', 'the request cannot be sent on as it is'),
  UND_ERR_NOT_SUPPORTED: rejection('MALFORMED_REQUEST', 'the request cannot be sent on as it is'),
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: rejection('MALFORMED_REQUEST', 'the body is not as long as was announced'),
};

const BAD_FRAMING = rejection('UPSTREAM_BAD_FRAMING', "the upstream's answer is not HTTP/1.1");
const RESET = rejection('UPSTREAM_RESET', 'the upstream closed the connection before its whole answer was here');

/** What an error of undici means. `answered`: a head had come, so the connection itself was there. */
export function upstreamFault(error: Error, answered: boolean): Rejection {
  const { code, errors } = error as Error & { readonly code?: string; readonly errors?: readonly Error[] };
  if (!answered && errors?.[0] !== undefined && code === undefined) return upstreamFault(errors[0], answered);
  // Before a head it is the head itself that contradicts itself (two lengths, a length with chunks: RFC 9112 §6.3).
  if (!answered && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return BAD_FRAMING;
  const known = code === undefined ? undefined : BY_CODE[code];
  if (known !== undefined && !(answered && known.code === 'CONNECT_TIMEOUT')) return known;
  if (code?.startsWith('HPE_') === true || code === 'ERR_ASSERTION' || error.name === 'HTTPParserError') return BAD_FRAMING;
  if (error.message === 'bad response' || error.message === 'bad upgrade') return BAD_FRAMING;
  return RESET;
}
