import { describe, expect, it } from 'vitest';
import { FakeBody, type Given, answerOf, exchange, fakeDeps, routeSpec, sentHeaders } from '../../../test/kit/exchange.ts';
import { Issues } from '../../core/schema.ts';
import type { RequestBodyState } from '../../core/exchange.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type Stage, refuse } from '../../core/stage.ts';
import { type DeadlineConfig, deadlineSchema } from './config.ts';
import { deadline } from './stage.ts';

const DEFAULTS = deadlineSchema.parse({}, [], new Issues());

function entered(config: Partial<DeadlineConfig> = {}, given: Given = {}) {
  const deps = fakeDeps();
  const stage: Stage = deadline.compile({ ...DEFAULTS, ...config }, routeSpec(), deps);
  const x = exchange(given);
  const state = stage.open?.(x);
  const answer = stage.onRequest?.(x, state) as Answer | undefined;
  return {
    ...deps,
    x,
    answer,
    onResponse: (a: Answer) => stage.onResponse?.(x, a, state) as Answer,
    finish: () => stage.onFinish?.(x, 'complete', state),
    /** Milliseconds from the start to the deadline. */
    totalMs: x.deadlineAt === undefined ? undefined : x.deadlineAt - x.startedAt,
  };
}

const asks = (ms: string, more: Given = {}): Given => ({ headers: ['X-Request-Timeout-Ms', ms], ...more });
const ALIASES = ['grpc-timeout', 'x-envoy-expected-rq-timeout-ms'];

describe('the deadline of an exchange', () => {
  it('DF-2: is none unless it is named; connect 1 s and idle 5 min are always on', () => {
    expect(DEFAULTS).toEqual({ totalMs: undefined, attemptMs: undefined, connectMs: 1000, idleMs: 300_000, aliases: [] });
    const { totalMs, clock } = entered();
    expect([totalMs, clock.pending]).toEqual([undefined, 0]);
  });

  it.each([
    [undefined, '400', 400],
    [1000, '400', 400],
    [300, '400', 300],
    [300, undefined, 300],
  ])('DL-2: is the less of the route’s total (%s) and the header (%s): %d ms', (total, header, expected) => {
    expect(entered({ totalMs: total }, header === undefined ? {} : asks(header)).totalMs).toBe(expected);
  });

  it('DL-2: counts from the request’s head, not from when this stage was reached', () => {
    const { x, clock } = entered({ totalMs: 300 }, { startedAt: 900 });
    expect([x.deadlineAt, clock.nextInMs]).toEqual([1200, 200]);
  });

  it('DL-1: a header of others than trusted peers is ignored, counted and not passed on', () => {
    const { totalMs, meter, x } = entered({}, asks('400', { trusted: false }));
    expect(totalMs).toBeUndefined();
    expect(meter.series('untrusted_headers_total')).toEqual({ 'header=x-request-timeout-ms': 1 });
    expect(sentHeaders(x)).toEqual([]);
  });

  it.each(['0', '-1', 'soon', '1.5', ''])('DL-1: a malformed or not positive one (%j) is ignored and counted', (value) => {
    const { totalMs, meter, x } = entered({ totalMs: 500 }, asks(value));
    expect([totalMs, meter.value('untrusted_headers_total', { header: 'x-request-timeout-ms' }), sentHeaders(x)]).toEqual([500, 1, []]);
  });

  it.each([
    ['grpc-timeout', '2S', 2000],
    ['Grpc-Timeout', '300m', 300],
    ['x-envoy-expected-rq-timeout-ms', '250', 250],
  ])('DL-1: the alias %s: %s is read in its own format', (header, value, expected) => {
    const { totalMs, x } = entered({ aliases: ALIASES }, { headers: [header, value] });
    expect([totalMs, x.timeoutAliases]).toEqual([expected, [header.toLowerCase()]]);
  });

  it('DL-1: the shortest of several counts', () => {
    const headers = ['X-Request-Timeout-Ms', '900', 'grpc-timeout', '400m', 'x-envoy-expected-rq-timeout-ms', '700'];
    expect(entered({ aliases: ALIASES }, { headers }).totalMs).toBe(400);
  });

  it('DL-1: an alias that nobody configured is an ordinary field', () => {
    const { totalMs, x } = entered({}, { headers: ['grpc-timeout', '400m'] });
    expect([totalMs, sentHeaders(x)]).toEqual([undefined, ['grpc-timeout', '400m']]);
  });

  it('DL-1: an alias that is not believed goes no further', () => {
    const { x, meter } = entered({ aliases: ALIASES }, { headers: ['grpc-timeout', '400m'], trusted: false });
    expect([sentHeaders(x), x.timeoutAliases]).toEqual([[], []]);
    expect(meter.value('untrusted_headers_total', { header: 'grpc-timeout' })).toBe(1);
  });

  it.each([
    [5, true],
    [6, false],
  ])('DL-3: %d ms are too short to ask anybody: %s', (ms, refused) => {
    const { answer, finish, clock, meter, x } = entered({}, asks(String(ms)));
    expect(answer?.rejection?.code).toBe(refused ? 'DEADLINE_EXHAUSTED' : undefined);
    expect(clock.pending).toBe(refused ? 0 : 1);
    x.answer = answer;
    finish();
    expect(meter.value('timeouts_total', { phase: 'exhausted' })).toBe(refused ? 1 : 0);
  });
});

describe('when the deadline falls due', () => {
  it('DL-2: a try that is under way is given up: UPSTREAM_TIMEOUT', () => {
    const { x, clock, meter, finish } = entered({ totalMs: 300 });
    x.attempts = x.asked = 1;
    clock.advance(299);
    expect(x.cancelled).toBeUndefined();
    clock.advance(1);
    expect(x.cancelled?.code).toBe('UPSTREAM_TIMEOUT');
    x.answer = refuse(rejection('UPSTREAM_TIMEOUT', ''));
    finish();
    expect(meter.series('timeouts_total')).toEqual({ 'direction=ingress,api=billing,operation=_unmatched,phase=total': 1 });
  });

  it('DL-3: where no try was made it is DEADLINE_EXHAUSTED', () => {
    const { x, clock } = entered({ totalMs: 300 }, { body: new FakeBody('ended') });
    clock.advance(300);
    expect(x.cancelled?.code).toBe('DEADLINE_EXHAUSTED');
  });

  it.each([
    ['in a pause after a reset', 1, 1, ['UPSTREAM_RESET'], 'UPSTREAM_RESET'],
    ['in a pause after an answer', 1, 1, ['503'], 'UPSTREAM_TIMEOUT'],
    ['before the second try has come to the upstream', 2, 1, ['UPSTREAM_REFUSED'], 'UPSTREAM_REFUSED'],
    ['while the second try is under way', 2, 2, ['UPSTREAM_RESET'], 'UPSTREAM_TIMEOUT'],
    ['before the first try has come to the upstream', 1, 0, [], 'DEADLINE_EXHAUSTED'],
  ])('ER-0: %s it is the last try’s fault', (_, attempts, asked, reasons, code) => {
    const { x, clock, meter, finish } = entered({ totalMs: 300 }, { body: new FakeBody('ended') });
    Object.assign(x, { attempts, asked });
    x.retryReasons.push(...reasons);
    clock.advance(300);
    expect(x.cancelled?.code).toBe(code);
    x.answer = refuse(rejection(x.cancelled?.code ?? 'INTERNAL_ERROR', ''));
    finish();
    expect(meter.value('timeouts_total', { phase: attempts > asked && asked === 0 ? 'exhausted' : 'total' })).toBe(1);
  });

  it('DL-2: an answer that had turned round by then is none that ran out of time', () => {
    const { x, clock, meter, finish } = entered({ totalMs: 300 });
    x.settled = true; // its stages are still at it
    clock.advance(300);
    x.answer = refuse(rejection('UPSTREAM_RESET', ''));
    finish();
    expect(meter.series('timeouts_total')).toEqual({});
  });

  it.each<[RequestBodyState, string]>([
    ['arriving', 'REQUEST_TIMEOUT'],
    ['unread', 'UPSTREAM_TIMEOUT'],
    ['ended', 'UPSTREAM_TIMEOUT'],
    ['none', 'UPSTREAM_TIMEOUT'],
  ])('DL-6: with the request body %s it is %s', (state, code) => {
    const { x, clock, meter, finish } = entered({ totalMs: 300 }, { body: new FakeBody(state) });
    x.attempts = x.asked = 1;
    clock.advance(300);
    expect(x.cancelled?.code).toBe(code);
    x.answer = refuse(rejection(x.cancelled?.code ?? 'INTERNAL_ERROR', ''));
    finish();
    expect(meter.value('timeouts_total', { phase: code === 'REQUEST_TIMEOUT' ? 'body' : 'total' })).toBe(1);
  });

  it.each([
    ['before anybody was asked', 0, 'DEADLINE_EXHAUSTED'],
    ['while the upstream is asked', 1, 'UPSTREAM_TIMEOUT'],
  ])('DL-6: %s, an upload that is held back is not the caller’s to be late with', (_, asked, code) => {
    const body = new FakeBody('arriving');
    const { x, clock } = entered({ totalMs: 300 }, { body });
    x.attempts = x.asked = asked;
    body.awaited = false;
    clock.advance(300);
    expect(x.cancelled?.code).toBe(code);
  });

  it.each([
    ['CONNECT_TIMEOUT', 'connect'],
    ['UPSTREAM_TIMEOUT', 'headers'],
  ] as const)('a try’s own %s counts as %s', (code, phase) => {
    const { x, meter, finish } = entered({ totalMs: 300 });
    x.answer = refuse(rejection(code, ''));
    finish();
    expect(meter.series('timeouts_total')).toEqual({ [`direction=ingress,api=billing,operation=_unmatched,phase=${phase}`]: 1 });
  });
});

describe('after the head of the answer', () => {
  it('DL-2: the deadline rules no more', () => {
    const { x, clock, onResponse } = entered({ totalMs: 300, idleMs: 1000 });
    const answer = answerOf(200);
    expect(onResponse(answer)).toBe(answer);
    clock.advance(999);
    expect(x.cancelled).toBeUndefined();
  });

  it('DL-2: a stream that is silent for the idle limit is cut', () => {
    const { x, clock, onResponse } = entered({ idleMs: 1000 });
    const cut: string[] = [];
    x.keeper = { cancelled: () => undefined, cut: (why) => void cut.push(why.code), bug: () => undefined };
    onResponse(answerOf(200));
    clock.advance(600);
    x.activeAt = clock.monotonicMs(); // a byte moves
    clock.advance(999);
    expect([cut, x.flags]).toEqual([[], []]);
    clock.advance(1);
    expect([cut, x.flags, clock.pending]).toEqual([['UPSTREAM_TIMEOUT'], ['idle'], 0]);
  });

  it('EV-8: what has changed protocols may be silent for as long as it likes', () => {
    const { clock, onResponse } = entered({ totalMs: 300, idleMs: 1000 });
    onResponse(answerOf(101));
    expect(clock.pending).toBe(0);
  });

  it.each([
    [['Content-Type', 'application/grpc'], false],
    [['content-type', 'Application/gRPC-Web+proto'], false],
    [['Content-Type', 'application/grpc', 'grpc-timeout', '1S'], true],
    [['Content-Type', 'application/json'], true],
    [[], true],
  ])('DL-2: a stream of gRPC without a timeout of its own may be silent too: %j watched: %s', (headers, watched) => {
    const { clock, onResponse } = entered({ idleMs: 1000 }, { headers });
    onResponse(answerOf(200));
    expect(clock.pending).toBe(watched ? 1 : 0);
  });

  it('DL-2: an answer that is all here is not watched', () => {
    const { clock, onResponse } = entered({ totalMs: 300 });
    onResponse(answerOf(200, { body: new Uint8Array(0) }));
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer behind, wherever it ends', () => {
    for (const streaming of [true, false]) {
      const { clock, onResponse, finish } = entered({ totalMs: 300 });
      if (streaming) onResponse(answerOf(200));
      expect(clock.pending).toBe(1);
      finish();
      expect(clock.pending).toBe(0);
    }
  });
});
