import { describe, expect, it } from 'vitest';
import { fakeOperation } from '../../../test/kit/contract.ts';
import { type Given, answerOf, attempt, exchange, fakeDeps, routeSpec, sentHeaders } from '../../../test/kit/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import { rejection } from '../../core/rejection.ts';
import type { Span } from '../../core/span.ts';
import { type Answer, type AttemptEnd, type End, type Stage, refuse } from '../../core/stage.ts';
import { attemptTracing } from './attempt-stage.ts';
import { tracing } from './stage.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SAMPLED = ['traceparent', `00-${TRACE}-${PARENT}-01`, 'tracestate', 'a=1,b=2'];

/** Both stages of one route, with all spans that they record. */
function recorded(given: Given, sample = 1, ids: 'anyone' | 'peers' = 'anyone') {
  const spans: Span[] = [];
  const deps = { ...fakeDeps(), tracer: { record: (span: Span) => void spans.push(span) } };
  const route = given.route ?? routeSpec();
  const x = exchange({ ...given, route });
  const stage: Stage<void> = tracing.compile({ ids, sample }, route, deps);
  const tries = attemptTracing.compile(undefined, route, deps);
  void stage.onRequest?.(x);
  /** One try that lasts 10 ms. */
  const go = (number: number, answer: Answer | undefined, end: AttemptEnd, change?: (t: ReturnType<typeof attempt>) => void) => {
    const t = attempt(number, deps.clock.monotonicMs());
    const state = tries?.open(x);
    tries?.onRequest(x, t);
    t.target = x.request.target;
    change?.(t);
    deps.clock.advance(10);
    if (answer !== undefined) tries?.onResponse(x, t, answer, state);
    tries?.onFinish(x, t, end, state);
    return { t, sent: headerValue(sentHeaders(x, t), 'traceparent') };
  };
  const finish = (end: End, change: (x: Exchange) => void = () => undefined): Span | undefined => {
    x.end = end;
    x.answer = answerOf(200);
    x.headAt = deps.clock.monotonicMs();
    change(x);
    stage.onFinish?.(x, end);
    return spans.at(-1);
  };
  return { x, deps, spans, go, finish, traceparent: headerValue(sentHeaders(x), 'traceparent') };
}

const attributesOf = (span: Span | undefined): Record<string, string | number> => {
  const list = span?.attributes ?? [];
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name as string, list[i + 1] as string | number]] : [])));
};

describe('which traces are exported', () => {
  it.each([
    ['a believed caller that says sampled, at any ratio', SAMPLED, 0, '01', true],
    ['a believed caller that says not sampled, at any ratio', ['traceparent', `00-${TRACE}-${PARENT}-00`], 1, '00', false],
    ['flags that nobody knows are passed on', ['traceparent', `00-${TRACE}-${PARENT}-ff`], 0, 'ff', true],
    ['one that begins here and is taken', [], 1, '03', true],
    ['one that begins here and is not taken', [], 0, '02', false],
  ])('%s', (_what, headers, sample, flags, exported) => {
    const { traceparent, finish, spans } = recorded({ headers }, sample);
    finish('complete');
    expect([traceparent?.slice(-2), spans.length]).toEqual([flags, exported ? 1 : 0]);
  });

  it('a caller that is not believed decides nothing', () => {
    const { finish, spans, x } = recorded({ headers: SAMPLED, trusted: false }, 0, 'peers');
    finish('complete');
    expect([spans, x.trace]).toEqual([[], undefined]);
  });

  it('without an exporter there is no attempt stage, and the trace is left to the service', () => {
    const deps = fakeDeps();
    expect(attemptTracing.compile(undefined, routeSpec(), deps)).toBeUndefined();
    const stage: Stage<void> = tracing.compile({ ids: 'anyone', sample: 1 }, routeSpec(), deps);
    const x = exchange();
    void stage.onRequest?.(x);
    expect([stage.onFinish, x.trace, headerValue(sentHeaders(x), 'traceparent')?.slice(-2)]).toEqual([undefined, undefined, '03']);
  });

  it('tries of a trace that is not exported cost no span, and carry the exchange’s own ID', () => {
    const { go, spans, x } = recorded({}, 0);
    const { t, sent } = go(1, answerOf(200), 'complete');
    expect([spans, t.spanId, t.edits.size, sent]).toEqual([[], '', 0, `00-${x.traceId}-${x.spanId}-02`]);
  });
});

describe('the span of an exchange', () => {
  it('is named by operation, and tells who asked for what and how it went', () => {
    const operation = { ...fakeOperation({ id: 'createPayment' }), template: '/payments/{id}' };
    const { x, deps, finish } = recorded({
      method: 'POST',
      target: '/v1/payments/7?token=secret',
      headers: [...SAMPLED, 'Host', 'billing.example:8443', 'User-Agent', 'shop/2.0'],
      match: { operation, params: new Map() },
      address: '192.0.2.7',
    });
    x.consumer = { name: 'web-shop', version: '2.0' };
    deps.clock.advance(25);
    const span = finish('complete', (at) => Object.assign(at, { answer: answerOf(201) }));
    expect(span).toMatchObject({
      kind: 'server',
      name: 'POST /payments/{id}',
      traceId: TRACE,
      spanId: x.spanId,
      parentId: PARENT,
      flags: '01',
      state: 'a=1,b=2',
      startedAt: x.startedAt,
      endedAt: x.startedAt + 25,
      status: 'unset',
    });
    expect(attributesOf(span)).toEqual({
      'http.request.method': 'POST',
      'url.path': '/v1/payments/7',
      'url.scheme': 'http',
      'http.route': '/payments/{id}',
      'http.response.status_code': 201,
      'server.address': 'billing.example',
      'server.port': 8443,
      'client.address': '192.0.2.7',
      'network.protocol.version': '1.1',
      'user_agent.original': 'shop/2.0',
      'plumbline.api': 'billing',
      'plumbline.operation': 'createPayment',
      'plumbline.consumer.name': 'web-shop',
      'plumbline.consumer.version': '2.0',
      'plumbline.violations': 0,
    });
    expect(JSON.stringify(span)).not.toContain('secret');
  });

  it.each([
    ['GET', 'GET', 'GET', undefined],
    ['BREW', 'HTTP', '_OTHER', 'BREW'],
    ['', 'HTTP', '_OTHER', undefined],
  ])('without an operation is named by method: %j', (method, name, label, original) => {
    const span = recorded({ method }).finish('complete');
    expect(span?.name).toBe(name);
    expect(attributesOf(span)).toMatchObject({ 'http.request.method': label });
    expect(attributesOf(span)['http.request.method_original']).toBe(original);
    expect(attributesOf(span)['http.route']).toBeUndefined();
  });

  it.each<[string, End, Partial<Exchange>, { status?: number; error?: string; code?: string }]>([
    ['a 404 of the upstream', 'complete', { answer: answerOf(404) }, { status: 404 }],
    ['a 500 of the upstream', 'complete', { answer: answerOf(500) }, { status: 500, error: '500' }],
    ['a refusal with 4xx', 'complete', { answer: refuse(rejection('BODY_TOO_LARGE', '')) }, { status: 413, code: 'BODY_TOO_LARGE' }],
    [
      'a refusal with 5xx',
      'complete',
      { answer: refuse(rejection('OVERLOADED', '')) },
      { status: 503, error: 'OVERLOADED', code: 'OVERLOADED' },
    ],
    [
      'an answer that broke off',
      'upstream-broken',
      { brokenBy: 'UPSTREAM_RESET' },
      { status: 200, error: 'UPSTREAM_RESET', code: 'UPSTREAM_RESET' },
    ],
    ['a cut', 'cut', { brokenBy: 'UPSTREAM_TIMEOUT' }, { status: 200, error: 'UPSTREAM_TIMEOUT', code: 'UPSTREAM_TIMEOUT' }],
    ['a client that left in mid-answer', 'client-closed', {}, { status: 200, code: 'CLIENT_CLOSED' }],
    ['a client that left before it', 'client-closed', { answer: undefined, headAt: undefined }, { code: 'CLIENT_CLOSED' }],
  ])('EV-3: %s is an error only where it is the server’s', (_what, end, change, { status, error, code }) => {
    const span = recorded({}).finish(end, (x) => Object.assign(x, change));
    const attributes = attributesOf(span);
    expect([attributes['http.response.status_code'], attributes['error.type'], attributes['plumbline.code']]).toEqual([
      status,
      error,
      code,
    ]);
    expect(span?.status).toBe(error === undefined ? 'unset' : 'error');
  });

  it.each([
    [512, 512],
    [513, 0],
  ])('repeats a tracestate of %d characters with %d', (given, kept) => {
    const headers = ['traceparent', `00-${TRACE}-${PARENT}-01`, 'tracestate', `a=${'1'.repeat(given - 2)}`];
    expect(recorded({ headers }).finish('complete')?.state).toHaveLength(kept);
  });

  it('carries what was found', () => {
    const { x, finish } = recorded({});
    x.findings.push({
      rule: 'type',
      side: 'request',
      location: 'body',
      pointer: '/amount',
      specPointer: '/a',
      detail: 'must be a number',
      mode: 'report',
    });
    const span = finish('complete');
    expect([span?.findings, attributesOf(span)['plumbline.violations']]).toEqual([x.findings, 1]);
  });

  it('carries drift, also what is found after it has ended', () => {
    const { x, finish } = recorded({});
    const found = { id: '0123456789abcdef', kind: 'type', side: 'response', location: 'body', pointer: '/a' } as const;
    const span = finish('complete');
    x.foundDrift?.push(found);
    expect(span?.drift).toEqual([found]);
  });

  it.each([
    ['example', 'example', undefined],
    ['example:80', 'example', 80],
    ['[2001:db8::1]:8080', '2001:db8::1', 8080],
    ['[2001:db8::1]', '2001:db8::1', undefined],
    ['2001:db8::1', undefined, undefined],
    ['example:', undefined, undefined],
    ['example:123456', undefined, undefined],
    ['', undefined, undefined],
  ])('Host %j is server.address %j and port %j', (host, address, port) => {
    const attributes = attributesOf(recorded({ headers: ['Host', host] }).finish('complete'));
    expect([attributes['server.address'], attributes['server.port']]).toEqual([address, port]);
  });
});

describe('the span of a try', () => {
  it('is the child of the exchange’s and the parent that the upstream is told of', () => {
    const { x, go, spans, finish } = recorded({ target: '/v1/a?token=secret', headers: SAMPLED });
    const first = go(1, refuse(rejection('UPSTREAM_RESET', '')), 'superseded');
    const second = go(2, answerOf(200), 'complete', (t) => Object.assign(t, { answer: answerOf(200) }));
    finish('complete');
    expect(spans.map(({ kind, parentId, flags, state }) => [kind, parentId, flags, state])).toEqual([
      ['client', x.spanId, '01', 'a=1,b=2'],
      ['client', x.spanId, '01', 'a=1,b=2'],
      ['server', PARENT, '01', 'a=1,b=2'],
    ]);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
    expect([first.sent, second.sent]).toEqual([`00-${TRACE}-${spans[0]?.spanId}-01`, `00-${TRACE}-${spans[1]?.spanId}-01`]);
    expect(spans.slice(0, 2).map((span) => span.endedAt - span.startedAt)).toEqual([10, 10]);
    expect(attributesOf(spans[1])).toEqual({
      'http.request.method': 'GET',
      'url.full': 'http://127.0.0.1:3000/v1/a',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': 3000,
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
      'network.protocol.version': '1.1',
      'plumbline.api': 'billing',
      'plumbline.operation': '_unmatched',
    });
    expect(attributesOf(spans[0])).toMatchObject({ 'error.type': 'UPSTREAM_RESET', 'plumbline.code': 'UPSTREAM_RESET' });
    expect(JSON.stringify(spans)).not.toContain('secret');
  });

  it.each<[string, AttemptEnd, Answer | undefined, number | undefined, string | undefined, string | undefined]>([
    ['a 404', 'complete', answerOf(404), 404, '404', undefined],
    ['a 503 that another try took over', 'superseded', answerOf(503), 503, '503', undefined],
    ['a timeout', 'cancelled', refuse(rejection('UPSTREAM_TIMEOUT', '')), undefined, 'UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT'],
    ['an answer that broke off', 'upstream-broken', answerOf(200), 200, 'UPSTREAM_RESET', 'UPSTREAM_RESET'],
    ['a caller that left', 'client-closed', answerOf(200), 200, undefined, 'CLIENT_CLOSED'],
    ['nothing at all', 'complete', undefined, undefined, undefined, undefined],
  ])('%s', (_what, end, answer, status, error, code) => {
    const { go, spans } = recorded({});
    go(1, answer, end, (t) => Object.assign(t, { answer: answer?.origin === 'upstream' ? answer : undefined }));
    const attributes = attributesOf(spans[0]);
    expect([attributes['http.response.status_code'], attributes['error.type'], attributes['plumbline.code']]).toEqual([
      status,
      error,
      code,
    ]);
    expect(spans[0]?.status).toBe(error === undefined ? 'unset' : 'error');
  });

  it('that never came to ask has no address', () => {
    const { go, spans } = recorded({});
    go(1, refuse(rejection('DEADLINE_EXHAUSTED', '')), 'complete', (t) => Object.assign(t, { target: '' }));
    expect(attributesOf(spans[0])['url.full']).toBeUndefined();
  });
});
