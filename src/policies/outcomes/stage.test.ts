import { describe, expect, it } from 'vitest';
import { exchange, type FakeDeps, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import { rejection } from '../../core/rejection.ts';
import { type Stage, refuse } from '../../core/stage.ts';
import { outcomes } from './stage.ts';

function finished(method: string, set: (x: Exchange) => void): FakeDeps['outcomes'] {
  const deps = fakeDeps();
  const stage: Stage<void> = outcomes.compile(undefined, routeSpec(), deps);
  const x = exchange({ method });
  set(x);
  stage.onFinish?.(x, 'complete');
  return deps.outcomes;
}

const unanswered = (x: Exchange): void => {
  x.sent = 'all';
  x.unanswered = 'UPSTREAM_TIMEOUT';
};

describe('outcomes', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE', 'get'])('%s that was sent and not answered is told of', (method) => {
    expect(finished(method, unanswered)).toEqual([{ reason: 'UPSTREAM_TIMEOUT', keyHash: '' }]);
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('%s changes nothing', (method) => {
    expect(finished(method, unanswered)).toEqual([]);
  });

  it('one that was answered, or never sent, is known', () => {
    expect(finished('POST', (x) => (x.sent = 'all'))).toEqual([]);
    expect(finished('POST', (x) => (x.answer = refuse(rejection('UPSTREAM_REFUSED', ''))))).toEqual([]);
    expect(finished('POST', (x) => (x.answer = refuse(rejection('INTERNAL_ERROR', ''))))).toEqual([]);
  });

  it('where a bug of ours took the answer away, nobody was told it', () => {
    const bug = (x: Exchange): void => {
      x.sent = 'all';
      x.answer = refuse(rejection('INTERNAL_ERROR', ''));
    };
    expect(finished('POST', bug)).toEqual([{ reason: 'INTERNAL_ERROR', keyHash: '' }]);
  });

  it('the idempotency key goes along, hashed', () => {
    const keyed = (x: Exchange): void => {
      unanswered(x);
      x.keyHash = 'ab12';
    };
    expect(finished('POST', keyed)).toEqual([{ reason: 'UPSTREAM_TIMEOUT', keyHash: 'ab12' }]);
  });

  it('the gauge of open ones is there from the start', () => {
    const deps = fakeDeps();
    outcomes.compile(undefined, routeSpec({ api: 'billing' }), deps);
    expect(deps.meter.value('unknown_outcomes_open', { api: 'billing' })).toBe(0);
  });
});
