/** CB-2: what a try says about its upstream. */
import type { Attempt } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { RejectionCode } from '../../core/rejection.ts';
import type { Answer, AttemptEnd } from '../../core/stage.ts';
import { isGrpc } from '../../core/stream-types.ts';
import type { Verdict } from './breaker.ts';

/** Faults of the upstream and of the way to it. All other codes are the caller's, or refusals of our own. */
const FAULTS: ReadonlySet<RejectionCode> = new Set([
  'CONNECT_TIMEOUT',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_REFUSED',
  'UPSTREAM_RESET',
  'UPSTREAM_BAD_FRAMING',
  'UPSTREAM_TLS_ERROR',
  'DNS_FAILURE',
]);

/** DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE. */
const GRPC_FAILURES: ReadonlySet<string> = new Set(['4', '13', '14']);

/** When the answer is here, or is known not to come. `undefined`: it has begun well, and how it ends is still to be seen. */
export function atHead(t: Attempt, answer: Answer, slowerThanMs: number): Verdict | undefined {
  if (answer.rejection !== undefined) return FAULTS.has(answer.rejection.code) ? 'failed' : 'void';
  const { status } = answer;
  // Not implemented and HTTP version not supported say what it is, not how it is.
  if (status >= 500 && status !== 501 && status !== 505) return 'failed';
  const { headAt, sentAt } = t;
  // Before it is sent it is the caller who may be slow.
  if (headAt !== undefined && sentAt !== undefined && headAt - sentAt > slowerThanMs) return 'slow';
  return undefined;
}

/** When what had begun well is over. */
export function atEnd(t: Attempt, answer: Answer, end: AttemptEnd): Verdict {
  if (end === 'upstream-broken') return 'failed';
  if (end === 'client-closed' || end === 'cut' || end === 'cancelled') return 'void';
  return isGrpc(answer.headers) && GRPC_FAILURES.has(grpcStatus(t, answer)) ? 'failed' : 'good';
}

/** In the trailers; in the head where there is nothing but trailers. */
function grpcStatus(t: Attempt, { headers }: Answer): string {
  return (t.trailers === undefined ? undefined : headerValue(t.trailers, 'grpc-status')) ?? headerValue(headers, 'grpc-status') ?? '';
}
