/** What the loop does between two tries, and with a body that is still arriving. */
import { describe, expect, it } from 'vitest';
import { begun, bytes, TWICE } from '../../test/kit/begun.ts';
import { answerOf } from '../../test/kit/exchange.ts';
import { rejection } from '../core/rejection.ts';
import type { AttemptStage, RetryPlan } from '../core/stage.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const refused = () => rejection('UPSTREAM_REFUSED', '');
const LATER: RetryPlan = { keepBytes: 8, next: (_x, t) => (t.number < 3 ? { delayMs: 40 } : undefined) };

describe('the pause between two tries', () => {
  it('RT-6: is as long as the plan says, with no try under way in it', () => {
    const { call, clock, upstream, x } = begun({ plan: LATER, request: { method: 'GET' } });
    call().to.onBroken(refused());
    clock.advance(39);
    expect([upstream.calls.length, x.attempts]).toEqual([1, 1]);
    clock.advance(1);
    expect([upstream.calls.length, x.attempts, clock.pending]).toEqual([2, 2, 0]);
  });

  it('RT-6: ends at once when the time is up, and no timer is left', async () => {
    const { call, clock, down, upstream, x, done } = begun({ plan: LATER, request: { method: 'GET' } });
    call().to.onBroken(refused());
    clock.advance(10);
    x.cancel(rejection('UPSTREAM_TIMEOUT', ''));
    await settled();
    expect([down.status, upstream.calls.length, clock.pending, done.length]).toEqual([504, 1, 0, 1]);
  });

  it('EV-3: ends at once when the client leaves: nothing more is sent', async () => {
    const { call, clock, down, upstream, x, done } = begun({ plan: LATER, request: { method: 'GET' } });
    call().to.onBroken(refused());
    clock.advance(10);
    down.events.onGone();
    clock.advance(1000);
    await settled();
    expect([x.end, x.brokenBy, down.status]).toEqual(['client-closed', 'CLIENT_CLOSED', 0]);
    expect([upstream.calls.length, clock.pending, done.length]).toEqual([1, 0, 1]);
  });

  it('RT-8: the stages of the try before have been left by then: no retry waits for a place of its own', () => {
    const held: number[] = [];
    const places: AttemptStage = {
      name: 'places',
      onRequest: (_x, t) => void held.push(t.number),
      onFinish: (_x, t) => void held.splice(held.indexOf(t.number), 1),
    };
    const { call, clock } = begun({ plan: LATER, attempts: [places], request: { method: 'GET' } });
    call().to.onHead(answerOf(503));
    expect(held).toEqual([]);
    clock.advance(40);
    expect(held).toEqual([2]);
  });

  it('RT-1: nothing is repeated once an answer was taken', async () => {
    const { call, down, upstream } = begun({ plan: TWICE, request: { method: 'GET' } });
    call().to.onBroken(refused());
    call(1).to.onHead(answerOf(503));
    call(1).to.onBroken(rejection('UPSTREAM_RESET', ''));
    await settled();
    expect([down.status, down.aborted, upstream.calls.length]).toEqual([503, true, 2]);
  });
});

describe('RT-5: a body that is still arriving', () => {
  it('RT-5: is sent again from its first byte, and goes on live', () => {
    const { call, down } = begun({ body: 'chunked', plan: TWICE });
    down.events.onBodyData(bytes('abc'));
    call().to.onBroken(refused());
    expect([call(1).body, call(1).bodyEnded, down.reading]).toEqual(['abc', false, true]);
    down.events.onBodyData(bytes('def'));
    down.events.onBodyEnd();
    expect([call().body, call(1).body, call(1).bodyEnded]).toEqual(['abc', 'abcdef', true]);
  });

  it('RT-5: waits in a pause, and what comes all the same is sent after it', () => {
    const { call, clock, down } = begun({ body: 'chunked', plan: LATER });
    down.events.onBodyData(bytes('abc'));
    call().to.onBroken(refused());
    expect(down.reading).toBe(false);
    down.events.onBodyData(bytes('def')); // was on its way
    down.events.onBodyData(bytes('over the limit of 8'));
    clock.advance(40);
    down.events.onBodyData(bytes('!'));
    down.events.onBodyEnd();
    expect([call(1).body, call(1).bodyEnded]).toEqual(['abcdefover the limit of 8!', true]);
  });

  it('RT-5: of which more came than is kept is known to be lost, and its bytes are given back', () => {
    const kept: boolean[] = [];
    const plan: RetryPlan = { keepBytes: 8, next: (x) => void kept.push(x.requestBody.replayable) };
    const { budget, call, down } = begun({ body: 'chunked', plan });
    down.events.onBodyData(bytes('abcdef'));
    expect(budget.usedBytes).toBe(6);
    down.events.onBodyData(bytes('ghi'));
    expect(budget.usedBytes).toBe(0);
    call().to.onBroken(refused());
    expect(kept).toEqual([false]);
  });

  it.each([
    ['while it was arriving', false, true],
    ['after its end', true, false],
  ])('RT-5: an answer that came %s says so', (_, ends, early) => {
    const seen: boolean[] = [];
    const plan: RetryPlan = { keepBytes: 100, next: (_x, t) => void seen.push(t.answeredEarly) };
    const { call, down } = begun({ body: 'chunked', plan });
    down.events.onBodyData(bytes('abc'));
    if (ends) down.events.onBodyEnd();
    call().to.onHead(answerOf(503));
    expect(seen).toEqual([early]);
  });

  it('RT-5: so does one that was collected whole, though the body has ended meanwhile', () => {
    const seen: boolean[] = [];
    const plan: RetryPlan = { keepBytes: 100, next: (_x, t) => void seen.push(t.answeredEarly) };
    const whole = { name: 'whole', responseBody: () => ({ as: 'whole' as const, maxBytes: 1000 }) };
    const { call, down } = begun({ body: 'chunked', plan, stages: [whole] });
    call().to.onHead(answerOf(503));
    down.events.onBodyEnd();
    call().to.onBroken(rejection('UPSTREAM_RESET', ''));
    expect(seen).toEqual([true]);
  });
});
