import type { Attempt, Exchange } from '../core/exchange.ts';
import { headerValue } from '../core/headers.ts';
import { isIdempotent } from '../core/rejection.ts';
import type { Answer, RetryPlan, SuppressReason } from '../core/stage.ts';

const KEEP_BYTES = 64 * 1024;
const TRIES = 2;

/**
 * RT-2, what every route does without a `retry` block: a request of which the upstream provably saw nothing is sent once more,
 * and so is an idempotent one that was reset on a kept connection before any answer (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
 */
export const retryUnsent: RetryPlan = Object.freeze({
  keepBytes: KEEP_BYTES,
  next(x: Exchange, t: Attempt, answer: Answer): undefined | { readonly delayMs: number } | SuppressReason {
    const fault = answer.rejection;
    if (fault === undefined) return undefined;
    const unsent = t.sent === 'nothing' && UNSENT.has(fault.code);
    const stale = t.reused && fault.code === 'UPSTREAM_RESET' && isIdempotent(x.request.method);
    if (!unsent && !stale) return undefined;
    if (!x.requestBody.replayable) return 'body_too_large';
    if (t.number >= TRIES) return 'attempts';
    return isStacked(x) ? 'stacked' : NOW;
  },
});

/** RT-9: a gateway in front is repeating already. */
function isStacked(x: Exchange): boolean {
  const attempt = headerValue(x.request.headers, 'x-retry-attempt');
  return attempt !== undefined && x.peer.trusted && Number(attempt) > 1;
}

const UNSENT: ReadonlySet<string> = new Set(['CONNECT_TIMEOUT', 'UPSTREAM_REFUSED', 'DNS_FAILURE', 'UPSTREAM_RESET']);
const NOW = Object.freeze({ delayMs: 0 });
