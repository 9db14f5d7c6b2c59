/** `idempotent`: retryable only where the request's method may be repeated (RFC 9110 §9.2.2). */
export type Retryable = 'yes' | 'no' | 'idempotent';

interface Code {
  readonly status: number;
  readonly title: string;
  /** `error` parameter of Proxy-Status (RFC 9209 §2.3); undefined: the answer says `received-status` and `details` instead. */
  readonly proxyError: string | undefined;
  readonly retryable: Retryable;
}

const code = (status: number, proxyError: string | undefined, retryable: Retryable, title: string): Code =>
  Object.freeze({ status, title, proxyError, retryable });

/** Every answer that the gateway gives itself (semantics ER). Codes are stable; a code is never reused for something else. */
export const CODES = Object.freeze({
  MALFORMED_REQUEST: code(400, 'http_request_error', 'no', 'Malformed request'),
  REQUEST_TIMEOUT: code(408, 'http_request_error', 'yes', 'Request timeout'),
  URI_TOO_LONG: code(414, 'http_request_error', 'no', 'URI too long'),
  HEADERS_TOO_LARGE: code(431, 'http_request_error', 'no', 'Request header fields too large'),
  EXPECTATION_FAILED: code(417, 'http_request_error', 'no', 'Expectation failed'),
  UNSUPPORTED_TRANSFER_CODING: code(501, 'http_request_error', 'no', 'Transfer coding not supported'),
  OPERATION_NOT_FOUND: code(404, 'http_request_error', 'no', 'Operation not found'),
  METHOD_NOT_ALLOWED: code(405, 'http_request_error', 'no', 'Method not allowed'),
  UNSUPPORTED_MEDIA_TYPE: code(415, 'http_request_error', 'no', 'Unsupported media type'),
  NOT_ACCEPTABLE: code(406, 'http_request_error', 'no', 'Not acceptable'),
  REQUEST_CONTRACT_VIOLATION: code(422, 'http_request_error', 'no', 'Request violates the contract'),
  CREDENTIALS_MISSING: code(401, 'http_request_denied', 'no', 'Credentials missing'),
  CREDENTIALS_INVALID: code(401, 'http_request_denied', 'no', 'Credentials not valid'),
  SCOPE_MISSING: code(403, 'http_request_denied', 'no', 'Scope missing'),
  RESPONSE_CONTRACT_VIOLATION: code(502, undefined, 'no', 'Response violates the contract'),
  BODY_TOO_LARGE: code(413, 'http_request_error', 'no', 'Body too large'),
  DEADLINE_EXHAUSTED: code(504, 'proxy_internal_response', 'no', 'Deadline exhausted'),
  UPSTREAM_TIMEOUT: code(504, 'http_response_timeout', 'idempotent', 'Upstream timeout'),
  CONNECT_TIMEOUT: code(504, 'connection_timeout', 'yes', 'Connect timeout'),
  UPSTREAM_REFUSED: code(502, 'connection_refused', 'yes', 'Upstream refused the connection'),
  DNS_FAILURE: code(502, 'dns_error', 'yes', 'Upstream name not resolved'),
  UPSTREAM_RESET: code(502, 'connection_terminated', 'idempotent', 'Upstream closed the connection'),
  UPSTREAM_BAD_FRAMING: code(502, 'http_protocol_error', 'idempotent', 'Upstream answer not readable'),
  UPSTREAM_TLS_ERROR: code(502, 'tls_protocol_error', 'no', 'Upstream TLS failure'),
  UPGRADE_FAILED: code(502, 'http_upgrade_failed', 'no', 'Upgrade failed'),
  CIRCUIT_OPEN: code(503, 'destination_unavailable', 'yes', 'Circuit open'),
  CONCURRENCY_LIMIT: code(503, 'connection_limit_reached', 'yes', 'Concurrency limit reached'),
  OVERLOADED: code(503, 'proxy_internal_response', 'yes', 'Overloaded'),
  RATE_LIMITED: code(429, 'http_request_denied', 'yes', 'Rate limit exceeded'),
  IDEMPOTENCY_KEY_MISSING: code(400, 'http_request_error', 'no', 'Idempotency key missing'),
  IDEMPOTENCY_KEY_INVALID: code(400, 'http_request_error', 'no', 'Idempotency key not valid'),
  IDEMPOTENCY_KEY_PAYLOAD_MISMATCH: code(409, 'http_request_error', 'no', 'Idempotency key used with another payload'),
  IDEMPOTENCY_KEY_OUTCOME_UNKNOWN: code(409, 'http_request_error', 'no', 'Outcome of the first request unknown'),
  IDEMPOTENCY_KEY_RESULT_NOT_KEPT: code(409, 'http_request_error', 'no', 'Result of the first request not kept'),
  IDEMPOTENCY_KEY_EXPIRED: code(409, 'http_request_error', 'no', 'Idempotency key expired'),
  IDEMPOTENCY_KEY_IN_FLIGHT: code(409, 'http_request_error', 'yes', 'First request still running'),
  IDEMPOTENCY_UNAVAILABLE: code(503, 'proxy_internal_response', 'yes', 'Idempotency store unavailable'),
  PRECONDITION_REQUIRED: code(428, 'http_request_error', 'no', 'Precondition required'),
  HOST_DENIED: code(403, 'http_request_denied', 'no', 'Host denied'),
  PROXY_LOOP: code(502, 'proxy_loop_detected', 'no', 'Proxy loop'),
  INTERNAL_ERROR: code(500, 'proxy_internal_error', 'no', 'Internal error'),
  /** Logged and counted when the caller left first (EV-3); never sent. */
  CLIENT_CLOSED: code(499, undefined, 'no', 'Client closed the request'),
} as const);

export type RejectionCode = keyof typeof CODES;

/** One entry of `fields` in a problem answer (seed, error model). */
export interface RejectedField {
  readonly path: string;
  readonly in: string;
  readonly code: string;
  readonly message: string;
}

/** Why the gateway answers by itself. A value, never thrown. Rendered by one writer (`pipeline/problem.ts`). */
export interface Rejection {
  readonly code: RejectionCode;
  /** Instead of the code's own, where a setting says so. */
  readonly status?: number;
  /** For people; never quotes a payload, a credential or an inner address. */
  readonly detail: string;
  readonly fields?: readonly RejectedField[];
  /** Further header fields of the answer: Allow, WWW-Authenticate, Retry-After. */
  readonly headers?: readonly string[];
  /** `received-status` of Proxy-Status: what the upstream itself had answered. */
  readonly receivedStatus?: number;
  /** `details` of Proxy-Status instead of the code: why an enforced check could not be made. */
  readonly proxyDetails?: string;
  /** Further members of the problem answer (RFC 9457 §3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  /** `error` of Proxy-Status where a code has more than one. */
  readonly proxyError?: string;
}

export function rejection(of: RejectionCode, detail: string, more?: Omit<Rejection, 'code' | 'detail'>): Rejection {
  return { code: of, detail, ...more };
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** Has no effect that a repetition could double (RFC 9110 §9.2.1; QUERY: draft-ietf-httpbis-safe-method-w-body §2). */
export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

const IDEMPOTENT: ReadonlySet<string> = new Set([...SAFE, 'PUT', 'DELETE']);

/** RFC 9110 §9.2.2. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** The member `retryable` of a problem answer. */
export function isRetryable(r: Rejection, method: string): boolean {
  const { retryable } = CODES[r.code];
  return retryable === 'idempotent' ? isIdempotent(method) : retryable === 'yes';
}
