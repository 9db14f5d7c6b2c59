import { describe, expect, it } from 'vitest';
import { answerOf, exchange, fakeDeps, routeSpec, type Given } from '../../../test/kit/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import { outcomeOf } from '../../core/outcome.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';
import { RetryCounts } from './retry-counts.ts';

const NAMES = ['retries_total', 'retry_outcomes_total', 'retries_suppressed_total', 'client_retries_total'];

function counted(change: (x: Exchange) => void, given: Given = {}) {
  const { meter } = fakeDeps();
  const x = exchange(given);
  Object.assign(x, { end: 'complete', answer: answerOf(200) });
  change(x);
  new RetryCounts(routeSpec(), meter).count(x, outcomeOf(x));
  return Object.assign({}, ...NAMES.map((name) => meter.series(name))) as Record<string, number>;
}

const OF = 'api=billing,operation=_unmatched';

describe('what exchanges tell of retries', () => {
  it('nothing, mostly', () => {
    expect(counted(() => undefined)).toEqual({});
  });

  it('RT-3: each try after the first, by what the one before had come to, and how all ended', () => {
    expect(counted((x) => Object.assign(x, { attempts: 4 }).retryReasons.push('503', '503', 'UPSTREAM_RESET'))).toEqual({
      [`${OF},reason=503`]: 2,
      [`${OF},reason=UPSTREAM_RESET`]: 1,
      [`${OF},outcome=succeeded`]: 1,
    });
  });

  it.each<[string, 'succeeded' | 'failed', (x: Exchange) => void]>([
    ['404', 'succeeded', (x) => Object.assign(x, { answer: answerOf(404) })],
    ['500', 'failed', (x) => Object.assign(x, { answer: answerOf(500) })],
    ['408 that was not repeated', 'failed', (x) => Object.assign(x, { answer: answerOf(408), retrySuppressed: 'attempts' })],
    ['a fallback', 'failed', (x) => Object.assign(x, { answer: answerOf(200, { origin: 'fallback' }), retrySuppressed: 'budget' })],
    ['a fault', 'failed', (x) => Object.assign(x, { answer: refuse(rejection('UPSTREAM_RESET', '')) })],
    ['a client that left', 'failed', (x) => Object.assign(x, { end: 'client-closed' })],
    ['an answer that broke off', 'failed', (x) => Object.assign(x, { end: 'upstream-broken', brokenBy: 'UPSTREAM_RESET' })],
  ])('RT-8: after a retry %s has %s', (_, outcome, change) => {
    const series = counted((x) => {
      Object.assign(x, { attempts: 2 }).retryReasons.push('503');
      change(x);
    });
    expect(series[`${OF},outcome=${outcome}`]).toBe(1);
  });

  it('RT-8: why one was not made, though none was made before either', () => {
    expect(counted((x) => Object.assign(x, { retrySuppressed: 'budget' }))).toEqual({ [`${OF},reason=budget`]: 1 });
  });

  it('RT-6: not the try that a pause was for, where the pause was all that came', () => {
    expect(counted((x) => Object.assign(x, { attempts: 1 }).retryReasons.push('503'))).toEqual({});
    expect(counted((x) => Object.assign(x, { attempts: 2 }).retryReasons.push('503', '502'))).toEqual({
      [`${OF},reason=503`]: 1,
      [`${OF},outcome=succeeded`]: 1,
    });
  });

  it('RT-9: that a trusted caller asks again', () => {
    const headers = ['X-Retry-Attempt', '3'];
    expect(counted(() => undefined, { headers })).toEqual({ [OF]: 1 });
    expect(counted(() => undefined, { headers, trusted: false })).toEqual({});
  });
});
