import { describe, expect, it } from 'vitest';
import { answerOf, attempt, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { attemptTimeout } from './stage.ts';

function tried(attemptMs = 100) {
  const { clock, ...deps } = fakeDeps();
  const stage = attemptTimeout.compile({ attemptMs }, routeSpec(), { clock, ...deps });
  if (stage === undefined) throw new Error('the stage is off');
  const x = exchange();
  const t = attempt();
  const watch = stage.open();
  stage.onRequest(x, t, watch);
  return {
    clock,
    t,
    sent: () => {
      t.sentAt = clock.monotonicMs();
    },
    respond: (status: number) => stage.onResponse(x, t, answerOf(status), watch),
    finish: () => stage.onFinish(x, t, 'complete', watch),
  };
}

describe('DL-5: the limit of one try', () => {
  it('DL-5: absent, there is none', () => {
    expect(attemptTimeout.compile({ attemptMs: undefined }, routeSpec(), fakeDeps())).toBeUndefined();
  });

  it('DL-5: cancels a try whose head has not come in time', () => {
    const { t, clock, sent } = tried();
    sent();
    clock.advance(99);
    expect(t.cancelled).toBeUndefined();
    clock.advance(1);
    expect(t.cancelled).toMatchObject({ code: 'UPSTREAM_TIMEOUT', detail: 'no answer within 100 ms' });
    expect(clock.pending).toBe(0);
  });

  it('DL-5: starts when the request body has been sent', () => {
    const { t, clock, sent } = tried();
    clock.advance(70);
    sent();
    clock.advance(99);
    expect(t.cancelled).toBeUndefined();
    clock.advance(1);
    expect(t.cancelled?.code).toBe('UPSTREAM_TIMEOUT');
  });

  it('DL-5: never runs out while the body is still being sent', () => {
    const { t, clock, sent } = tried();
    clock.advance(1050);
    expect([t.cancelled, clock.pending]).toEqual([undefined, 1]);
    sent();
    clock.advance(99);
    expect(t.cancelled).toBeUndefined();
    clock.advance(1);
    expect(t.cancelled?.code).toBe('UPSTREAM_TIMEOUT');
  });

  it('DL-5: is over with the head of an answer, whatever its body takes', () => {
    const { t, clock, sent, respond } = tried();
    sent();
    clock.advance(50);
    respond(500);
    clock.advance(1000);
    expect([t.cancelled, clock.pending]).toEqual([undefined, 0]);
  });

  it('DL-5: is over with a head whose stages have not seen it yet: the body is being collected', () => {
    const { t, clock, sent } = tried();
    sent();
    t.answer = answerOf(200);
    clock.advance(1000);
    expect([t.cancelled, clock.pending]).toEqual([undefined, 0]);
  });

  it('leaves no timer behind', () => {
    const { clock, finish } = tried();
    finish();
    expect(clock.pending).toBe(0);
  });
});
