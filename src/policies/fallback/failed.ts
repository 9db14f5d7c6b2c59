import type { RejectionCode } from '../../core/rejection.ts';
import type { Answer } from '../../core/stage.ts';

/** Of the upstream's statuses those that say that it has no answer, and of our refusals those that say the same (FB-1). */
const STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);
const CODES: ReadonlySet<RejectionCode> = new Set<RejectionCode>([
  'CIRCUIT_OPEN',
  'CONCURRENCY_LIMIT',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_REFUSED',
  'UPSTREAM_RESET',
  'UPSTREAM_BAD_FRAMING',
  'UPSTREAM_TLS_ERROR',
  'CONNECT_TIMEOUT',
  'DNS_FAILURE',
  'DEADLINE_EXHAUSTED',
]);

/** Whether a fallback may stand in for this answer. Never for what was the caller's fault, nor for a replay: that is what was answered. */
export function hasFailed({ origin, rejection, status }: Answer): boolean {
  if (origin === 'upstream') return STATUSES.has(status);
  return origin === 'gateway' && rejection !== undefined && CODES.has(rejection.code);
}
