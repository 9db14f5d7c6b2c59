import type { Attempt } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { Rejection, RejectionCode } from '../../core/rejection.ts';
import type { Answer } from '../../core/stage.ts';
import type { RetryCause } from './config.ts';

/** What a try has come to, where another one could mend it. `unsent`: its connection was lost before a byte was written (RT-4). */
export type Cause = RetryCause | 'unsent';

/** No connection was made; nothing was sent (RT-4). */
const NOT_CONNECTED: ReadonlySet<RejectionCode> = new Set(['CONNECT_TIMEOUT', 'UPSTREAM_REFUSED', 'DNS_FAILURE', 'UPSTREAM_TLS_ERROR']);

/** Most answers are below it, and cost no look-up. */
const LOWEST_STATUS = 408;
const BY_STATUS: Readonly<Record<number, RetryCause>> = Object.freeze({
  408: '408',
  429: '429',
  500: '500',
  502: '502',
  503: '503',
  504: '504',
});

/**
 * RT-3 and RT-4. Not a cause: what no other try would mend (an answer that HTTP lets nobody send is one), what this gateway refused by itself
 * (its own limits, a late upload: DL-6), and what a gateway behind says not to repeat (ER-3, RT-9).
 */
export function causeOf(t: Attempt, answer: Answer): Cause | undefined {
  if (answer.rejection !== undefined) return causeOfFault(t, answer.rejection);
  if (answer.status < LOWEST_STATUS || answer.origin !== 'upstream') return undefined;
  const cause = BY_STATUS[answer.status];
  if (cause === undefined) return undefined;
  const { headers } = answer;
  const asked = headerValue(headers, 'x-plumbline-overloaded') === '1' || headerValue(headers, 'x-plumbline-no-retry') === '1';
  return asked ? undefined : cause;
}

function causeOfFault(t: Attempt, { code }: Rejection): Cause | undefined {
  if (NOT_CONNECTED.has(code)) return 'connect';
  if (code === 'UPSTREAM_RESET') return t.sent === 'nothing' ? 'unsent' : 'reset';
  // What is cancelled with this code and still asked about is one try that took too long: when all of the time is up nobody asks.
  return code === 'UPSTREAM_TIMEOUT' && t.cancelled !== undefined ? 'timeout' : undefined;
}

/** RT-2: what a route repeats without being told to. A reset counts where the connection had served before: it was idle, and its end crossed the request. */
export function causeUnsent(t: Attempt, answer: Answer): Cause | undefined {
  if (answer.rejection === undefined) return undefined;
  const cause = causeOfFault(t, answer.rejection);
  return cause === 'connect' || cause === 'unsent' || (cause === 'reset' && t.reused) ? cause : undefined;
}
