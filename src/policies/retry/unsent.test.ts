import { describe, expect, it } from 'vitest';
import { FakeBody, answerOf, attempt, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { CODES, type RejectionCode, rejection } from '../../core/rejection.ts';
import { type Sent, refuse } from '../../core/stage.ts';
import { retryUnsent } from './plan.ts';

interface Case {
  readonly method?: string;
  readonly sent?: Sent;
  readonly reused?: boolean;
  readonly number?: number;
  readonly replayable?: boolean;
  readonly retryAttempt?: string;
  readonly trusted?: boolean;
  readonly deadlineMs?: number;
  readonly admits?: boolean;
}

function ask(code: RejectionCode, given: Case = {}, plan = retryUnsent(routeSpec(), fakeDeps())) {
  const { method = 'POST', sent = 'nothing', reused = false, number = 1, replayable = true, retryAttempt, trusted = true } = given;
  const body = new FakeBody('ended');
  body.replayable = replayable;
  const x = exchange({ method, body, trusted, headers: retryAttempt === undefined ? [] : ['X-Retry-Attempt', retryAttempt] });
  if (given.deadlineMs !== undefined) x.deadlineAt = x.startedAt + given.deadlineMs;
  const t = attempt(number);
  t.sent = sent;
  t.reused = reused;
  return plan.next(x, t, refuse(rejection(code, '')), () => given.admits ?? true);
}

const AGAIN = { delayMs: 0 };
const UNSENT: readonly RejectionCode[] = ['CONNECT_TIMEOUT', 'UPSTREAM_REFUSED', 'DNS_FAILURE', 'UPSTREAM_TLS_ERROR', 'UPSTREAM_RESET'];

describe('RT-2: what a route without a retry block repeats', () => {
  it.each(UNSENT)('RT-2: %s with nothing sent, whatever the method, at once', (code) => {
    for (const method of ['GET', 'POST', 'PATCH']) expect(ask(code, { method })).toEqual(AGAIN);
  });

  it.each(['part', 'all'] as const)('RT-2: no reset of what was sent (%s) on a fresh connection', (sent) => {
    for (const method of ['GET', 'POST']) expect(ask('UPSTREAM_RESET', { method, sent })).toBeUndefined();
  });

  it.each([
    ['GET', AGAIN],
    ['HEAD', AGAIN],
    ['PUT', AGAIN],
    ['DELETE', AGAIN],
    ['OPTIONS', AGAIN],
    ['POST', 'not_repeatable'],
    ['PATCH', 'not_repeatable'],
  ])('RT-2: %s reset on a connection that had served before: %j', (method, expected) => {
    expect(ask('UPSTREAM_RESET', { method, sent: 'all', reused: true })).toEqual(expected);
    expect(ask('UPSTREAM_BAD_FRAMING', { method, sent: 'all', reused: true })).toBeUndefined();
    expect(ask('UPSTREAM_TIMEOUT', { method, sent: 'all', reused: true })).toBeUndefined();
  });

  it('RT-2: two tries at most', () => {
    expect(ask('UPSTREAM_REFUSED', { number: 2 })).toBe('attempts');
  });

  it('RT-2: no answer of an upstream, whatever its status', () => {
    const plan = retryUnsent(routeSpec(), fakeDeps());
    for (const status of [200, 408, 429, 500, 502, 503, 504])
      expect(plan.next(exchange(), attempt(), answerOf(status), () => true)).toBeUndefined();
  });

  it.each((Object.keys(CODES) as RejectionCode[]).filter((code) => !UNSENT.includes(code)))(
    'RT-2: not %s, which no other try would mend',
    (code) => {
      expect(ask(code, { method: 'GET' })).toBeUndefined();
    },
  );

  it('RT-2: not what one try took too long for', () => {
    const t = attempt();
    t.cancel(rejection('UPSTREAM_TIMEOUT', ''));
    const plan = retryUnsent(routeSpec(), fakeDeps());
    expect(plan.next(exchange(), t, refuse(rejection('UPSTREAM_TIMEOUT', '')), () => true)).toBeUndefined();
  });

  it('RT-2: only where all of the body that came is kept, 64 KiB of it', () => {
    expect(ask('UPSTREAM_REFUSED', { replayable: false })).toBe('body_too_large');
    expect(retryUnsent(routeSpec(), fakeDeps()).keepBytes).toBe(64 * 1024);
  });

  it('RT-8: the checks that follow are those of every retry', () => {
    expect(ask('UPSTREAM_REFUSED', { deadlineMs: 5 })).toBe('deadline');
    expect(ask('UPSTREAM_REFUSED', { admits: false })).toBe('circuit');
    const plan = retryUnsent(routeSpec(), fakeDeps());
    const verdicts = Array.from({ length: 200 }, () => ask('UPSTREAM_REFUSED', {}, plan));
    // 100 to begin with, and one for every five requests: 125 requests, 125 retries.
    expect(verdicts.indexOf('budget')).toBe(125);
  });

  it.each([
    ['2', true, 'stacked'],
    ['7', true, 'stacked'],
    ['1', true, AGAIN],
    ['often', true, AGAIN],
    ['2', false, AGAIN],
  ])('RT-9: X-Retry-Attempt: %s, from a trusted peer: %s: %j', (retryAttempt, trusted, expected) => {
    expect(ask('UPSTREAM_REFUSED', { retryAttempt, trusted })).toEqual(expected);
  });
});
