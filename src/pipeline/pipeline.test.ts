import { describe, expect, it } from 'vitest';
import { AT_ONCE } from '../../test/kit/clock.ts';
import { FakeDownstream, type DownstreamOptions } from '../../test/kit/downstream.ts';
import { fakeContract, fakeOperation } from '../../test/kit/contract.ts';
import { answerOf, fakeDeps, requestHead, routeSpec } from '../../test/kit/exchange.ts';
import { FakeUpstream } from '../../test/kit/upstream.ts';
import { type Block, parseBlock } from '../core/address.ts';
import type { Exchange, RequestHead } from '../core/exchange.ts';
import { Issues } from '../core/schema.ts';
import { rejection } from '../core/rejection.ts';
import { contractSchema } from '../policies/contract/config.ts';
import { deadlineSchema } from '../policies/deadline/config.ts';
import { identitySchema } from '../policies/identity/config.ts';
import { retryUnsent } from '../policies/retry/plan.ts';
import { ByteBudget } from './byte-budget.ts';
import { compileRoute } from './compile.ts';
import { TrustedPeers, perAttempt, perRequest, serve } from './pipeline.ts';
import { UpgradeLimit } from './upgrade-limit.ts';
import { RouteTable } from './routes.ts';
import { targetSplitter } from './target.ts';

/** What a route gets where nobody configured anything. */
const DEFAULTS = {
  accessLog: 'stdout',
  metrics: undefined,
  tracing: { ids: 'anyone' },
  identity: { ids: 'anyone', consumer: identitySchema.parse({}, [], new Issues()).consumer },
  deadline: deadlineSchema.parse({}, [], new Issues()),
  contract: contractSchema.parse({}, [], new Issues()),
  attemptMetrics: undefined,
  attemptTimeout: deadlineSchema.parse({}, [], new Issues()),
  propagation: undefined,
};
const { deadline: _deadline, contract: _contract, attemptMetrics: _a, attemptTimeout: _t, propagation: _p, ...WITHOUT_ROUTE } = DEFAULTS;

const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

function gateway(configs: Readonly<Record<string, unknown>> = DEFAULTS) {
  const deps = fakeDeps();
  const upstream = new FakeUpstream();
  const operation = fakeOperation({ id: 'getInvoice' });
  const contract = fakeContract([operation], { operation, params: new Map() });
  const rewriting = { stripPrefix: '', host: undefined };
  const retryPlan = retryUnsent(routeSpec(), deps);
  const route = compileRoute(routeSpec({ contract }), configs, { retryPlan, upstream, rewriting }, deps);
  const none = routeSpec({ name: '_none', api: '_none', unmatchedOperation: '_none' });
  const otherwise = compileRoute(none, WITHOUT_ROUTE, { retryPlan, upstream: undefined, rewriting }, deps);
  const match = { path: '/v1', host: undefined, methods: undefined, headers: {}, mediaType: undefined };
  const bugs: string[] = [];
  const generation = {
    number: 1,
    tables: new Map([['ingress', new RouteTable([{ match, route }], otherwise)]]),
    trust: new TrustedPeers([parseBlock('127.0.0.0/8') as Block]),
    splitTarget: targetSplitter('reject'),
    deps: {
      clock: deps.clock,
      timers: deps.timers,
      budget: new ByteBudget(1_000_000),
      upgrades: new UpgradeLimit(10, { set() {}, inc() {}, dec() {} }),
      afterwork: AT_ONCE,
      errorDetail: 'full' as const,
      bug: (_x: Exchange, stage: string, hook: string) => void bugs.push(`${stage} ${hook}`),
    },
  };
  const ask = (head: Partial<RequestHead>, options: DownstreamOptions = {}, refusal = undefined as Parameters<typeof serve>[5]) => {
    const down = new FakeDownstream(options);
    const done: Exchange[] = [];
    const x = serve(generation, 'ingress', requestHead(head), down, '127.0.0.1', refusal, (ended) => done.push(ended));
    return { down, x, done };
  };
  return { deps, upstream, operation, route, ask, bugs };
}

describe('the order of stages', () => {
  it('is this, once a request', () => {
    const outside = [
      'accessLog',
      'metrics',
      'sla',
      'errorCodes',
      'tracing',
      'outcomes',
      'deprecation',
      'contractSkew',
      'identity',
      'deadline',
      'loadShed',
      'naming',
      'rateLimit',
    ];
    const inside = ['contract', 'precondition', 'fallback', 'idempotency'];
    expect(perRequest.map(({ name }) => name)).toEqual([...outside, ...inside]);
  });

  it('is this, once a try', () => {
    const limits = ['concurrency', 'circuitBreaker', 'attemptTimeout'];
    expect(perAttempt.map(({ name }) => name)).toEqual(['attemptMetrics', 'attemptTracing', ...limits, 'propagation']);
  });

  it('stays in a compiled route, frozen, without what is off', () => {
    const { route } = gateway({ ...DEFAULTS, accessLog: 'off' });
    expect(route.stages.map(({ stage }) => stage.name)).toEqual(['metrics', 'tracing', 'identity', 'deadline', 'contract']);
    expect(route.stages.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(route.attempts.map(({ stage }) => stage.name)).toEqual(['attemptMetrics', 'propagation']);
    expect(Object.isFrozen(route) && Object.isFrozen(route.stages) && Object.isFrozen(route.attempts)).toBe(true);
    expect(route.copying.map(({ stage }) => stage.name)).toEqual(['contract']);
    expect(route.asking.map(({ stage }) => stage.name)).toEqual(['contract']);
  });
});

describe('what runs when nothing is configured', () => {
  it('DF-1: log, metrics, tracing, identity, deadline, contract and propagation', () => {
    const { route } = gateway();
    expect(route.stages.map(({ stage }) => stage.name)).toEqual(['accessLog', 'metrics', 'tracing', 'identity', 'deadline', 'contract']);
    expect(route.attempts.map(({ stage }) => stage.name)).toEqual(['attemptMetrics', 'propagation']);
  });

  it('DF-1: a deadline header from a trusted peer is obeyed', () => {
    const { ask, upstream } = gateway();
    ask({ target: '/v1', headers: ['X-Request-Timeout-Ms', '1000'] });
    expect(upstream.live?.request.headers).toContain('980');
  });

  it('DF-2: no deadline, and so no timer, unless it is named', () => {
    const { ask, deps, upstream } = gateway();
    const { x } = ask({ target: '/v1' });
    expect([upstream.calls.length, x.deadlineAt, deps.clock.pending]).toEqual([1, undefined, 0]);
  });

  it('DF-3: changes nothing in a request but identity and hygiene headers', async () => {
    const { ask, upstream } = gateway();
    const headers = [
      'Host',
      'billing',
      'aCCept',
      '*/*',
      'Cookie',
      'a=1',
      'cookie',
      'b=2',
      'Connection',
      'keep-alive',
      'Content-Length',
      '4',
    ];
    const { down } = ask({ method: 'POST', target: '/v1/invoices?a=%20b', headers }, { body: 4 });
    down.events.onBodyData(Buffer.from('{ } '));
    down.events.onBodyEnd();
    await settle();
    const [call] = upstream.calls;
    expect([call?.request.method, call?.request.target, call?.body]).toEqual(['POST', '/v1/invoices?a=%20b', '{ } ']);
    const kept = ['Host', 'billing', 'aCCept', '*/*', 'Cookie', 'a=1', 'cookie', 'b=2', 'Content-Length', '4'];
    expect(call?.request.headers.slice(0, kept.length)).toEqual(kept);
    const added = call?.request.headers.slice(kept.length).filter((_, i) => i % 2 === 0);
    expect(added?.sort()).toEqual([
      'Via',
      'X-Correlation-ID',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'X-Request-ID',
      'traceparent',
    ]);
  });

  it('DF-3: changes nothing in an answer but the request and correlation IDs and Via', async () => {
    const { ask, upstream } = gateway();
    const { down, x, done } = ask({ target: '/v1' });
    const headers = ['Date', 'today', 'SET-cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Length', '3'];
    upstream.live?.to.onHead(answerOf(201, { headers }));
    upstream.live?.to.onData(Buffer.from('abc'));
    upstream.live?.to.onEnd([]);
    await settle();
    expect([down.status, down.body, done]).toEqual([201, 'abc', [x]]);
    expect(down.headers.slice(0, headers.length)).toEqual(headers);
    const added = down.headers.slice(headers.length).filter((_, i) => i % 2 === 0);
    expect([...added].sort()).toEqual(['Via', 'X-Correlation-ID', 'X-Request-ID']);
  });
});

describe('a request on its way in', () => {
  it('meets its route and its operation before the first stage', () => {
    const { x } = gateway().ask({ target: '/v1/a' });
    expect([x.route.name, x.operationId, x.peer]).toEqual(['billing-route', 'getInvoice', { address: '127.0.0.1', trusted: true }]);
  });

  it('ER-0: that no route takes is OPERATION_NOT_FOUND, with its IDs, its line and its counters', async () => {
    const { ask, upstream, deps } = gateway();
    const { down, x } = ask({ target: '/other', headers: ['X-Request-ID', 'mine'] });
    await settle();
    expect(JSON.parse(down.body)).toMatchObject({ code: 'OPERATION_NOT_FOUND', request_id: 'mine', status: 404 });
    expect([upstream.calls.length, x.route.name, deps.lines[0]?.route, deps.lines[0]?.operation]).toEqual([0, '_none', '_none', '_none']);
    expect(deps.meter.value('requests_total', { api: '_none', status_code: '404', code: 'OPERATION_NOT_FOUND' })).toBe(1);
  });

  it('EV-4: with an expectation that nobody can meet is refused without a 100 and without a try', async () => {
    const { ask, upstream, deps } = gateway();
    const refusal = rejection('EXPECTATION_FAILED', 'only 100-continue can be expected');
    const { down } = ask({ target: '/v1', method: 'POST' }, { body: 10, expectsContinue: true }, refusal);
    await settle();
    expect([down.status, down.calls, upstream.calls.length]).toEqual([417, ['answer'], 0]);
    expect(deps.lines[0]).toMatchObject({ status: 417, code: 'EXPECTATION_FAILED', route: '_none' });
  });

  it('HD: every answer carries the request ID, the gateway’s own too', async () => {
    const { down } = gateway().ask({ target: '/other', headers: ['X-Request-ID', 'mine', 'X-Correlation-ID', 'whole'] });
    await settle();
    expect(down.headers.slice(-6)).toEqual([
      'X-Request-ID',
      'mine',
      'X-Correlation-ID',
      'whole',
      'Via',
      expect.stringMatching(/^1\.1 plumbline-[0-9a-f]{8}$/),
    ]);
  });

  it('RT-2: is tried a second time where the upstream saw nothing, with the number of the try', async () => {
    const { ask, upstream, deps } = gateway();
    const { down } = ask({ target: '/v1', method: 'POST' });
    const [first] = upstream.calls;
    if (first !== undefined) first.t.sent = 'nothing';
    first?.to.onBroken(rejection('UPSTREAM_REFUSED', 'refused'));
    expect(upstream.calls).toHaveLength(2);
    const headers = upstream.calls[1]?.request.headers ?? [];
    expect(headers[headers.indexOf('X-Retry-Attempt') + 1]).toBe('2');
    upstream.live?.to.onHead(answerOf(200));
    upstream.live?.to.onEnd([]);
    await settle();
    expect([down.status, deps.lines[0]?.attempts]).toEqual([200, 2]);
    expect(deps.meter.series('retries_total')).toEqual({ 'api=billing,operation=getInvoice,reason=UPSTREAM_REFUSED': 1 });
  });

  it('leaves no bug behind and no timer', async () => {
    const { ask, upstream, deps, bugs } = gateway();
    ask({ target: '/v1' });
    upstream.live?.to.onHead(answerOf(200));
    upstream.live?.to.onEnd([]);
    await settle();
    expect([bugs, deps.clock.pending, deps.meter.value('requests_in_flight')]).toEqual([[], 0, 0]);
  });
});

describe('HD-4: trusted peers', () => {
  it('HD-4: are those inside the configured blocks', () => {
    const trust = new TrustedPeers([parseBlock('127.0.0.0/8') as Block, parseBlock('::1/128') as Block]);
    expect(trust.peer('127.0.0.1')).toEqual({ address: '127.0.0.1', trusted: true });
    expect(trust.peer('::1')).toEqual({ address: '::1', trusted: true });
    expect(trust.peer('10.0.0.1')).toEqual({ address: '10.0.0.1', trusted: false });
    expect(trust.peer('')).toEqual({ address: '', trusted: false });
  });

  it('HD-4: are remembered, a bounded number of them, without a mistake', () => {
    const trust = new TrustedPeers([parseBlock('10.0.0.0/8') as Block]);
    expect(trust.peer('10.0.0.1')).toBe(trust.peer('10.0.0.1'));
    for (let i = 0; i < 2500; i++) expect(trust.peer(`${i % 2 === 0 ? 10 : 11}.0.${i >> 8}.${i & 255}`).trusted).toBe(i % 2 === 0);
  });
});
