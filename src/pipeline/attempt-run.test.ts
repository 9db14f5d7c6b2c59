import { describe, expect, it } from 'vitest';
import { begun, bytes, TWICE } from '../../test/kit/begun.ts';
import { answerOf } from '../../test/kit/exchange.ts';
import { headerValue } from '../core/headers.ts';
import { rejection } from '../core/rejection.ts';
import { type Copy, type Stage, refuse } from '../core/stage.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const timeout = () => rejection('UPSTREAM_TIMEOUT', 'no answer within 100 ms');

describe('what one try sends', () => {
  it('EV-4: never Expect: the 100 is ours', () => {
    const { call } = begun({ body: 3, expectsContinue: true, request: { headers: ['Expect', '100-continue', 'A', '1'] } });
    expect(call().request.headers).toEqual(['A', '1']);
  });

  it('EV-4: begins before the body where a 100 is waited for: what the upstream refuses at once is never sent', () => {
    const { call, down } = begun({ body: 3, expectsContinue: true });
    expect([call().bodyEnded, down.calls]).toEqual([false, ['100', 'read']]);
  });

  it('a body that turns out malformed while it is being sent gives the try up', async () => {
    const { call, down, done } = begun({
      body: 'chunked',
      onRead: ({ events }) => events.onMalformed(rejection('MALFORMED_REQUEST', 'no chunk')),
    });
    await settled();
    expect([call().aborted, down.status, done.length]).toEqual([true, 400, 1]);
  });

  it('begins with the whole of a short body that announces its length', async () => {
    const { upstream, down, call } = begun({ body: 3 });
    expect(upstream.calls).toEqual([]);
    down.events.onBodyData(bytes('abc'));
    down.events.onBodyEnd();
    await settled();
    expect(call().request.body).toEqual(bytes('abc'));
  });

  it('a body without a length stays one, though all of it is here at the second try', async () => {
    const { down, call } = begun({ body: 'chunked', plan: TWICE });
    down.events.onBodyData(bytes('abc'));
    down.events.onBodyEnd();
    call().to.onBroken(rejection('UPSTREAM_RESET', ''));
    await settled();
    expect([call(1).body, call(1).bodyEnded, call(1).request.body]).toEqual(['abc', true, expect.objectContaining({ length: undefined })]);
    expect(call(1).request.body).not.toBeInstanceOf(Uint8Array);
  });
});

describe('what one try leaves behind', () => {
  it('RT-4: the exchange knows the most that any of them has sent', () => {
    const { x, call } = begun({ plan: TWICE });
    call().to.onBroken(rejection('UPSTREAM_RESET', ''));
    expect(x.sent).toBe('all');
    call(1).t.sent = 'nothing';
    call(1).to.onBroken(rejection('UPSTREAM_REFUSED', ''));
    expect(x.sent).toBe('all');
  });

  it('DL-5: one that is given up is aborted at once, whatever comes after it', () => {
    const { upstream, call } = begun({ plan: TWICE });
    call().t.cancel(timeout());
    expect([upstream.calls.length, call().aborted, call(1).aborted]).toEqual([2, true, false]);
  });

  it('EV-1: an upload that the upstream has answered is not sent on to it', () => {
    const { down, call } = begun({ body: 'chunked' });
    down.events.onBodyData(bytes('abc'));
    call().to.onHead(answerOf(413));
    call().to.onEnd([]);
    down.events.onBodyData(bytes('def'));
    expect(call().body).toBe('abc');
  });

  it('EV-7: the time until an answer that broke off while it was collected counts once', () => {
    const whole: Stage = { name: 'whole', responseBody: () => ({ as: 'whole', maxBytes: 1000 }) };
    const { clock, x, call } = begun({ stages: [whole] });
    clock.advance(10);
    call().to.onHead(answerOf(200));
    clock.advance(20);
    call().to.onBroken(rejection('UPSTREAM_RESET', ''));
    expect([x.answer?.status, x.upstreamMs]).toEqual([502, 10]);
  });
});

describe('what stages are handed after it', () => {
  const copies: Array<readonly [string, Copy]> = [];
  const observing: Stage = {
    name: 'observing',
    onRequest: (x) => {
      x.requestBody.copy(1000);
      return undefined;
    },
    responseBody: () => ({ as: 'copy', maxBytes: 1000 }),
    onCopy: (_x, side, copy) => void copies.push([side, copy]),
  };
  const handed = (): readonly string[] =>
    copies.splice(0).map(([side, { chunks }]) => `${side} ${chunks === undefined ? 'none' : Buffer.concat(chunks).toString()}`);

  it('nothing of an upload that was cut short', async () => {
    const { down, call } = begun({ stages: [observing], body: 'chunked' });
    down.events.onBodyData(bytes('abc'));
    call().to.onHead(answerOf(413));
    call().to.onEnd([]);
    await settled();
    down.events.onGone();
    await settled();
    expect(handed()).toEqual(['response ']);
  });

  it('the same after a stage that fails over its copy; the exchange ends all the same', async () => {
    const failing: Stage = { name: 'failing', onCopy: () => Promise.reject(new Error('planted')) };
    const { call, done } = begun({ stages: [failing, observing] });
    call().to.onHead(answerOf(200));
    call().to.onData(bytes('abc'));
    call().to.onEnd([]);
    await settled();
    expect([handed(), done.length]).toEqual([['request ', 'response abc'], 1]);
  });

  it('EV-6: the answer that the client got, and not the one that was refused', async () => {
    const refusing: Stage = {
      name: 'refusing',
      responseBody: () => ({ as: 'whole', maxBytes: 1000 }),
      onResponse: () => refuse(rejection('RESPONSE_CONTRACT_VIOLATION', '')),
    };
    const { down, call } = begun({ stages: [observing, refusing] });
    call().to.onHead(answerOf(200));
    call().to.onData(bytes('wrong'));
    call().to.onEnd([]);
    await settled();
    expect([down.status, headerValue(down.headers, 'content-type')]).toEqual([502, 'application/problem+json']);
    expect(handed()).toEqual(['request ', `response ${down.body}`]);
  });
});

describe('what was waited for', () => {
  it('is no overhead: a small upload that is read before the first try', async () => {
    const { clock, down, x, upstream } = begun({ body: 3 });
    clock.advance(40);
    down.events.onBodyData(bytes('abc'));
    down.events.onBodyEnd();
    await settled();
    expect([upstream.calls.length, x.waitedMs]).toEqual([1, 40]);
  });
});
