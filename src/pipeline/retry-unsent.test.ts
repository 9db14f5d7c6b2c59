import { describe, expect, it } from 'vitest';
import { FakeBody, answerOf, attempt, exchange } from '../../test/kit/exchange.ts';
import { CODES, type RejectionCode, rejection } from '../core/rejection.ts';
import { type Sent, refuse } from '../core/stage.ts';
import { retryUnsent } from './retry-unsent.ts';

interface Case {
  readonly method?: string;
  readonly sent?: Sent;
  readonly reused?: boolean;
  readonly number?: number;
  readonly replayable?: boolean;
  readonly retryAttempt?: string;
  readonly trusted?: boolean;
}

function ask(code: RejectionCode, given: Case = {}) {
  const { method = 'POST', sent = 'nothing', reused = false, number = 1, replayable = true, retryAttempt, trusted = true } = given;
  const body = new FakeBody('ended');
  body.replayable = replayable;
  const x = exchange({ method, body, trusted, headers: retryAttempt === undefined ? [] : ['X-Retry-Attempt', retryAttempt] });
  const t = attempt(number);
  t.sent = sent;
  t.reused = reused;
  return retryUnsent.next(x, t, refuse(rejection(code, '')));
}

const AGAIN = { delayMs: 0 };
const UNSENT: readonly RejectionCode[] = ['CONNECT_TIMEOUT', 'UPSTREAM_REFUSED', 'DNS_FAILURE', 'UPSTREAM_RESET'];

describe('RT-2: what a route without a retry block repeats', () => {
  it.each(UNSENT)('RT-2: %s with nothing sent, whatever the method', (code) => {
    for (const method of ['GET', 'POST', 'PATCH']) expect(ask(code, { method })).toEqual(AGAIN);
  });

  it.each(['part', 'all'] as const)('RT-2: nothing that was sent (%s) but for what follows', (sent) => {
    for (const code of UNSENT) for (const method of ['GET', 'POST']) expect(ask(code, { method, sent })).toBeUndefined();
  });

  it.each([
    ['GET', AGAIN],
    ['HEAD', AGAIN],
    ['PUT', AGAIN],
    ['DELETE', AGAIN],
    ['OPTIONS', AGAIN],
    ['POST', undefined],
    ['PATCH', undefined],
  ])('RT-2: %s reset on a connection that had served before: %j', (method, expected) => {
    expect(ask('UPSTREAM_RESET', { method, sent: 'all', reused: true })).toEqual(expected);
    expect(ask('UPSTREAM_BAD_FRAMING', { method, sent: 'all', reused: true })).toBeUndefined();
    expect(ask('UPSTREAM_TIMEOUT', { method, sent: 'all', reused: true })).toBeUndefined();
  });

  it('RT-2: two tries at most', () => {
    expect(ask('UPSTREAM_REFUSED', { number: 2 })).toBe('attempts');
  });

  it('RT-2: no answer of an upstream, whatever its status', () => {
    const t = attempt();
    for (const status of [200, 408, 429, 500, 502, 503, 504]) expect(retryUnsent.next(exchange(), t, answerOf(status))).toBeUndefined();
  });

  it.each((Object.keys(CODES) as RejectionCode[]).filter((code) => !UNSENT.includes(code)))(
    'RT-2: not %s, which no other try would mend',
    (code) => {
      expect(ask(code, { method: 'GET' })).toBeUndefined();
    },
  );

  it('RT-2: only where all of the body that came is kept, 64 KiB of it', () => {
    expect(ask('UPSTREAM_REFUSED', { replayable: false })).toBe('body_too_large');
    expect(retryUnsent.keepBytes).toBe(64 * 1024);
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
