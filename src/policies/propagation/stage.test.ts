import { describe, expect, it } from 'vitest';
import { attempt, exchange, fakeDeps, routeSpec, sentHeaders } from '../../../test/kit/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { Exchange } from '../../core/exchange.ts';
import { propagation } from './stage.ts';

function route() {
  const deps = fakeDeps();
  const stage = propagation.compile(undefined, routeSpec(), deps);
  const x = exchange({ headers: ['A', '1'] });
  const next = (number: number) => {
    const t = attempt(number, deps.clock.monotonicMs());
    const refused = stage.onRequest(x, t)?.rejection?.code;
    const headers = sentHeaders(x, t);
    return { refused, headers, timeout: headerValue(headers, 'x-request-timeout-ms') };
  };
  return { ...deps, x, next };
}

const due = (x: Exchange, inMs: number): void => {
  x.deadlineAt = x.startedAt + inMs;
};

describe('what the upstream is told of time and tries', () => {
  it('DF-3: nothing where there is no deadline', () => {
    expect(route().next(1).headers).toEqual(['A', '1']);
  });

  it('DL-3: what is left, less max(5 ms, 2 %), computed again for each try', () => {
    const { x, next, clock } = route();
    due(x, 1000);
    expect(next(1).timeout).toBe('980');
    clock.advance(600);
    expect(next(2).timeout).toBe('392');
    clock.advance(300);
    expect(next(3).timeout).toBe('95');
  });

  it('DL-3: no time for a first try is DEADLINE_EXHAUSTED', () => {
    const { x, next, clock } = route();
    due(x, 100);
    clock.advance(95);
    expect(next(1)).toMatchObject({ refused: 'DEADLINE_EXHAUSTED' });
  });

  it.each([
    ['UPSTREAM_REFUSED', 'UPSTREAM_REFUSED'],
    ['UPSTREAM_RESET', 'UPSTREAM_RESET'],
    ['503', 'UPSTREAM_TIMEOUT'],
    ['toString', 'UPSTREAM_TIMEOUT'],
  ])('ER-0: no time for another try after %s is %s', (reason, code) => {
    const { x, next, clock } = route();
    due(x, 100);
    x.retryReasons.push('DNS_FAILURE', reason);
    clock.advance(200);
    expect(next(2).refused).toBe(code);
  });

  it.each([
    ['3', true, '3'],
    ['1', true, undefined],
    ['3', false, undefined],
    ['0x3', true, undefined],
    ['1e9', true, undefined],
  ])('RT-9: the caller’s own %s (trusted: %s) is passed on as %s: a chain of gateways repeats once', (told, trusted, passedOn) => {
    const stage = propagation.compile(undefined, routeSpec(), fakeDeps());
    const x = exchange({ headers: ['X-Retry-Attempt', told], trusted });
    x.requestEdits.remove('x-retry-attempt');
    const t = attempt(1);
    expect(stage.onRequest(x, t)).toBeUndefined();
    expect(headerValue(sentHeaders(x, t), 'x-retry-attempt')).toBe(passedOn);
  });

  it('RT-9: every try after the first carries its number', () => {
    const { next } = route();
    expect(headerValue(next(1).headers, 'x-retry-attempt')).toBeUndefined();
    expect(headerValue(next(2).headers, 'x-retry-attempt')).toBe('2');
    expect(headerValue(next(3).headers, 'x-retry-attempt')).toBe('3');
  });

  it('HD: the aliases in which the caller gave a timeout are recomputed, each in its own format', () => {
    const { x, next } = route();
    due(x, 1000);
    x.timeoutAliases = ['grpc-timeout', 'x-envoy-expected-rq-timeout-ms'];
    const { headers } = next(1);
    expect(headers).toEqual(['A', '1', 'X-Request-Timeout-Ms', '980', 'grpc-timeout', '980m', 'x-envoy-expected-rq-timeout-ms', '980']);
  });

  it('changes the try’s headers only, never the exchange’s', () => {
    const { x, next } = route();
    due(x, 1000);
    next(2);
    expect([x.requestEdits.size, x.responseEdits.size]).toEqual([0, 0]);
  });
});
