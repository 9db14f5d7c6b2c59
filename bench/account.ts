import { setTimeout as sleep } from 'node:timers/promises';
import { parseMetrics, type Sample, sumOf } from '../src/cli/demo/metrics-text.ts';
import type { Target } from './targets.ts';
import type { Account, Checks } from './verdict.ts';

/** What Plumbline has counted since it started, and the lines that it has written. */
export async function readAccount(target: Target): Promise<Account> {
  const answer = await fetch(`${target.admin}/metrics`);
  const samples = parseMetrics(await answer.text());
  return {
    requests: sumOf(samples, 'plumbline_requests_total'),
    left: sumOf(samples, 'plumbline_requests_total', { code: 'CLIENT_CLOSED' }),
    request: checks(samples, 'request'),
    response: checks(samples, 'response'),
    lines: target.running.lines,
    limited: sumOf(samples, 'plumbline_rate_limit_decisions_total', { decision: 'allowed' }),
    claims: sumOf(samples, 'plumbline_idempotency_requests_total', { outcome: 'new' }),
  };
}

/** The account once nothing changes any more: checks in report mode and the log come after the answer. Five seconds at most. */
export async function settledAccount(target: Target): Promise<Account> {
  let last = await readAccount(target);
  for (let i = 0; i < 25; i += 1) {
    await sleep(200);
    const now = await readAccount(target);
    if (JSON.stringify(now) === JSON.stringify(last)) return now;
    last = now;
  }
  return last;
}

export function difference(before: Account, after: Account): Account {
  const less = (a: Checks, b: Checks): Checks => ({
    valid: b.valid - a.valid,
    invalid: b.invalid - a.invalid,
    skipped: b.skipped - a.skipped,
  });
  return {
    requests: after.requests - before.requests,
    left: after.left - before.left,
    request: less(before.request, after.request),
    response: less(before.response, after.response),
    lines: after.lines - before.lines,
    limited: after.limited - before.limited,
    claims: after.claims - before.claims,
  };
}

function checks(samples: readonly Sample[], side: string): Checks {
  const count = (outcome: string): number => sumOf(samples, 'plumbline_contract_checks_total', { side, outcome });
  return { valid: count('valid'), invalid: count('invalid'), skipped: count('skipped') };
}
