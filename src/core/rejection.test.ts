import { describe, expect, it } from 'vitest';
import { CODES, type RejectionCode, type Retryable, isIdempotent, isRetryable, rejection } from './rejection.ts';
import { refuse } from './stage.ts';

/** Semantics ER, the codes that exist in this version: status, error of Proxy-Status, retryable. */
const TABLE: ReadonlyArray<readonly [RejectionCode, number, string | undefined, Retryable]> = [
  ['MALFORMED_REQUEST', 400, 'http_request_error', 'no'],
  ['REQUEST_TIMEOUT', 408, 'http_request_error', 'yes'],
  ['URI_TOO_LONG', 414, 'http_request_error', 'no'],
  ['HEADERS_TOO_LARGE', 431, 'http_request_error', 'no'],
  ['EXPECTATION_FAILED', 417, 'http_request_error', 'no'],
  ['UNSUPPORTED_TRANSFER_CODING', 501, 'http_request_error', 'no'],
  ['OPERATION_NOT_FOUND', 404, 'http_request_error', 'no'],
  ['METHOD_NOT_ALLOWED', 405, 'http_request_error', 'no'],
  ['UNSUPPORTED_MEDIA_TYPE', 415, 'http_request_error', 'no'],
  ['NOT_ACCEPTABLE', 406, 'http_request_error', 'no'],
  ['REQUEST_CONTRACT_VIOLATION', 422, 'http_request_error', 'no'],
  ['CREDENTIALS_MISSING', 401, 'http_request_denied', 'no'],
  ['CREDENTIALS_INVALID', 401, 'http_request_denied', 'no'],
  ['SCOPE_MISSING', 403, 'http_request_denied', 'no'],
  ['RESPONSE_CONTRACT_VIOLATION', 502, undefined, 'no'],
  ['BODY_TOO_LARGE', 413, 'http_request_error', 'no'],
  ['DEADLINE_EXHAUSTED', 504, 'proxy_internal_response', 'no'],
  ['UPSTREAM_TIMEOUT', 504, 'http_response_timeout', 'idempotent'],
  ['CONNECT_TIMEOUT', 504, 'connection_timeout', 'yes'],
  ['UPSTREAM_REFUSED', 502, 'connection_refused', 'yes'],
  ['DNS_FAILURE', 502, 'dns_error', 'yes'],
  ['UPSTREAM_RESET', 502, 'connection_terminated', 'idempotent'],
  ['UPSTREAM_BAD_FRAMING', 502, 'http_protocol_error', 'idempotent'],
  ['UPSTREAM_TLS_ERROR', 502, 'tls_protocol_error', 'no'],
  ['UPGRADE_FAILED', 502, 'http_upgrade_failed', 'no'],
  ['CIRCUIT_OPEN', 503, 'destination_unavailable', 'yes'],
  ['CONCURRENCY_LIMIT', 503, 'connection_limit_reached', 'yes'],
  ['RATE_LIMITED', 429, 'http_request_denied', 'yes'],
  ['IDEMPOTENCY_KEY_MISSING', 400, 'http_request_error', 'no'],
  ['IDEMPOTENCY_KEY_INVALID', 400, 'http_request_error', 'no'],
  ['IDEMPOTENCY_KEY_PAYLOAD_MISMATCH', 409, 'http_request_error', 'no'],
  ['IDEMPOTENCY_KEY_OUTCOME_UNKNOWN', 409, 'http_request_error', 'no'],
  ['IDEMPOTENCY_KEY_RESULT_NOT_KEPT', 409, 'http_request_error', 'no'],
  ['IDEMPOTENCY_KEY_EXPIRED', 409, 'http_request_error', 'no'],
  ['IDEMPOTENCY_KEY_IN_FLIGHT', 409, 'http_request_error', 'yes'],
  ['IDEMPOTENCY_UNAVAILABLE', 503, 'proxy_internal_response', 'yes'],
  ['PRECONDITION_REQUIRED', 428, 'http_request_error', 'no'],
  ['OVERLOADED', 503, 'proxy_internal_response', 'yes'],
  ['HOST_DENIED', 403, 'http_request_denied', 'no'],
  ['PROXY_LOOP', 502, 'proxy_loop_detected', 'no'],
  ['INTERNAL_ERROR', 500, 'proxy_internal_error', 'no'],
  ['CLIENT_CLOSED', 499, undefined, 'no'],
];

describe('the codes of the gateway’s own answers', () => {
  it.each(TABLE)('ER-1: %s is %d, %s, retryable: %s', (code, status, proxyError, retryable) => {
    expect(CODES[code]).toMatchObject({ status, proxyError, retryable });
    expect(CODES[code].title).toMatch(/^[A-Z][\w ]+[^.]$/);
    expect(refuse(rejection(code, 'why'))).toMatchObject({ origin: 'gateway', status, rejection: { code, detail: 'why' } });
  });

  it('ER-1: the table has every code, and none twice', () => {
    expect(TABLE.map(([code]) => code).sort()).toEqual(Object.keys(CODES).sort());
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('%s may be repeated (RFC 9110 §9.2.2)', (method) => {
    expect(isIdempotent(method)).toBe(true);
    expect(isRetryable(rejection('UPSTREAM_RESET', ''), method)).toBe(true);
  });

  it.each(['POST', 'PATCH', 'CONNECT', 'get', '', '__proto__'])('%j may not', (method) => {
    expect(isIdempotent(method)).toBe(false);
    expect(isRetryable(rejection('UPSTREAM_RESET', ''), method)).toBe(false);
  });

  it('retryable is yes or no whatever the method where the code says so', () => {
    expect([isRetryable(rejection('OVERLOADED', ''), 'POST'), isRetryable(rejection('INTERNAL_ERROR', ''), 'GET')]).toEqual([true, false]);
  });
});
