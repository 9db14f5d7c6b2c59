import { describe, expect, it } from 'vitest';
import { answerOf, attempt, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type AttemptEnd, refuse } from '../../core/stage.ts';
import { attemptMetrics } from './attempt-stage.ts';

function tried(answer: Answer | undefined, end: AttemptEnd, head: 'came' | 'never came' = 'came', spanId = '') {
  const deps = fakeDeps();
  const stage = attemptMetrics.compile(undefined, routeSpec(), deps);
  const x = exchange();
  const t = attempt();
  Object.assign(x, { traceId: 'a' });
  Object.assign(t, { spanId });
  if (head === 'came') Object.assign(t, { askedAt: t.startedAt + 1000, headAt: t.startedAt + 1020 }); // it stood in a queue of ours
  const seen = stage.open();
  if (answer !== undefined) expect(stage.onResponse(x, t, answer, seen)).toBe(answer);
  stage.onFinish(x, t, end, seen);
  const { meter } = deps;
  const name = 'upstream_attempt_duration_seconds';
  return { counted: meter.series('upstream_attempts_total'), seconds: meter.observations(name), exemplars: meter.exemplars(name) };
}

const series = (klass: string, code: string) => ({ [`api=billing,operation=_unmatched,status_class=${klass},code=${code}`]: 1 });

describe('the metrics of a try', () => {
  it('count it when its last byte is here, and measure it to its head', () => {
    expect(tried(answerOf(200), 'complete')).toEqual({ counted: series('2xx', ''), seconds: [0.02], exemplars: [] });
  });

  it('show its span where that is exported', () => {
    expect(tried(answerOf(200), 'complete', 'came', 'b').exemplars).toEqual([{ traceId: 'a', spanId: 'b' }]);
  });

  it('count one that another took over from', () => {
    expect(tried(answerOf(503), 'superseded').counted).toEqual(series('5xx', ''));
  });

  it('tell a fault by its code', () => {
    expect(tried(refuse(rejection('UPSTREAM_REFUSED', '')), 'upstream-broken').counted).toEqual(series('5xx', 'UPSTREAM_REFUSED'));
  });

  it('EV-7: an answer that broke off keeps its class and says that it did', () => {
    expect(tried(answerOf(200), 'upstream-broken').counted).toEqual(series('2xx', 'UPSTREAM_RESET'));
  });

  it('EV-3: a try whose caller left is no fault of the upstream’s, and is in no duration', () => {
    const closed = { counted: series('4xx', 'CLIENT_CLOSED'), seconds: [], exemplars: [] };
    expect(tried(answerOf(200), 'client-closed')).toEqual(closed);
    expect(tried(refuse(rejection('CLIENT_CLOSED', '')), 'cancelled')).toEqual(closed);
  });

  it('count a try that never had an answer', () => {
    expect(tried(undefined, 'cut', 'never came')).toEqual({ counted: series('5xx', ''), seconds: [], exemplars: [] });
  });
});
