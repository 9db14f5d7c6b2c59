import type { Load } from './wrk-output.ts';

/** What Plumbline itself says, as differences over one measurement. */
export interface Account {
  /** `requests_total`. */
  readonly requests: number;
  /** Of them those whose caller left before the answer was complete (status 499). */
  readonly left: number;
  /** `contract_checks_total`, by side. */
  readonly request: Checks;
  readonly response: Checks;
  /** Lines of the access log. */
  readonly lines: number;
  /** `rate_limit_decisions_total`: allowed. */
  readonly limited: number;
  /** `idempotency_requests_total`: new. */
  readonly claims: number;
}

export interface Checks {
  readonly valid: number;
  readonly invalid: number;
  readonly skipped: number;
}

/**
 * Why a measurement of Plumbline does not count; empty where it does. A proxy that skips the work it is measured for is fast.
 *
 * A load generator that stops cuts up to one request a connection: Plumbline has them, the generator has not. They are no more than
 * the connections; those whose caller was gone before the answer may be unjudged; all others must be judged and logged.
 */
export function faults(load: Load, account: Account, judges: 0 | 2, connections: number): string[] {
  const found: string[] = [];
  const { requests, left, lines } = account;
  const cut = requests - load.requests;
  if (cut < 0) found.push(`requests_total ${requests} is less than the ${load.requests} answers that the load generator got`);
  if (cut > connections)
    found.push(`requests_total ${requests} is ${cut} more than what the load generator got, with ${connections} connections`);
  if (left > Math.max(cut, 0)) found.push(`${left} callers left, where the load generator cut ${Math.max(cut, 0)}`);
  if (lines !== requests) found.push(`${lines} lines of access log for ${requests} requests`);
  for (const side of ['request', 'response'] as const) {
    const { valid, invalid, skipped } = account[side];
    if (skipped > 0) found.push(`${skipped} ${side} checks skipped`);
    if (invalid > 0) found.push(`${invalid} ${side} checks invalid, where all traffic fits the contract`);
    const judged = valid + invalid;
    const most = judges === 0 ? 0 : requests;
    if (judged > most || judged < (judges === 0 ? 0 : requests - left)) found.push(`${judged} ${side}s judged of ${most}`);
  }
  return [...found, ...loadFaults(load)];
}

/** Why a measurement with all policies on does not count: one of them has not done what it is measured for. `keyed`: every request has a key of its own. */
export function policyFaults({ requests, limited, claims }: Account, keyed: 'keyed' | 'keyless'): string[] {
  const found: string[] = [];
  if (limited !== requests) found.push(`${limited} of ${requests} requests passed the rate limit`);
  const wanted = keyed === 'keyed' ? requests : 0;
  if (claims !== wanted) found.push(`${claims} claims made of ${wanted}`);
  return found;
}

/** What makes any measurement worthless, whoever is measured. */
export function loadFaults(load: Load): string[] {
  const found: string[] = [];
  if (load.requests === 0) found.push('no answer at all');
  if (load.socketErrors > 0) found.push(`${load.socketErrors} socket errors`);
  if (load.badAnswers > 0) found.push(`${load.badAnswers} answers that were not 2xx`);
  return found;
}
