import type { Exchange } from './exchange.ts';
import { CODES, type RejectionCode } from './rejection.ts';

/** ER-0: out of time after a first try is the last try's fault; where that had an answer, UPSTREAM_TIMEOUT. */
export function lastFault(x: Exchange): RejectionCode {
  const reason = x.retryReasons.at(-1);
  return reason !== undefined && Object.hasOwn(CODES, reason) ? (reason as RejectionCode) : 'UPSTREAM_TIMEOUT';
}
