import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { type Given, answerOf, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Sla } from '../../core/ownership.ts';
import { type RejectionCode, rejection } from '../../core/rejection.ts';
import { type Answer, type End, refuse } from '../../core/stage.ts';
import { sla } from './stage.ts';

const operation = fakeOperation({ id: 'createPayment' });
const PROMISE: Sla = { availability: 0.999, latency: { p95: 300 } };

interface Ended {
  readonly answer?: Answer;
  readonly end?: End;
  /** After its beginning; undefined: no head was written. */
  readonly headMs?: number | undefined;
  readonly promise?: Sla;
  readonly given?: Given;
  readonly change?: (x: Exchange) => void;
}

/** What an exchange that ended so counts as, by objective: `good`, `bad` or nothing. */
function counted({ answer = answerOf(200), end = 'complete', promise = PROMISE, given, change, ...more }: Ended = {}) {
  const deps = fakeDeps();
  const stage = sla.compile(promise, routeSpec(), deps);
  const x = exchange({ match: { operation, params: new Map() }, ...given });
  stage?.onResponse(x, answer);
  Object.assign(x, { answer, end, attempts: 1 });
  const headMs = 'headMs' in more ? more.headMs : 100;
  x.headAt = headMs === undefined ? undefined : x.startedAt + headMs;
  change?.(x);
  stage?.onFinish(x);
  const of = (objective: string): string => {
    const [good, bad] = ['true', 'false'].map((kept) => deps.meter.value('sla_requests_total', { api: 'billing', objective, good: kept }));
    return good === 1 && bad === 0 ? 'good' : good === 0 && bad === 1 ? 'bad' : good === 0 && bad === 0 ? '-' : `${good} good, ${bad} bad`;
  };
  return `${of('availability')} ${of('latency')}`;
}

const refused = (code: RejectionCode) => ({ answer: refuse(rejection(code, '')) }) satisfies Ended;
const typed = (type: string, status = 200): Ended => ({ answer: answerOf(status, { headers: ['Content-Type', type] }) });

describe('whether a promise was kept', () => {
  it.each<readonly [what: string, Ended, string]>([
    ['an answer', {}, 'good good'],
    ["the service's own 4xx", { answer: answerOf(422) }, 'good good'],
    ["the service's own 429", { answer: answerOf(429) }, 'good good'],
    ["the service's own 5xx", { answer: answerOf(500) }, 'bad -'],
    ['a status beyond 599', { answer: answerOf(600) }, 'bad -'],
    ['a timeout', refused('UPSTREAM_TIMEOUT'), 'bad -'],
    ['an open circuit', refused('CIRCUIT_OPEN'), 'bad -'],
    ['no room', refused('OVERLOADED'), 'bad -'],
    ['an answer that breaks an enforced contract', refused('RESPONSE_CONTRACT_VIOLATION'), 'bad -'],
    ['a limit of ours', refused('RATE_LIMITED'), '- -'],
    ['an invalid request', refused('REQUEST_CONTRACT_VIOLATION'), '- -'],
    ['an idempotency conflict', refused('IDEMPOTENCY_KEY_IN_FLIGHT'), '- -'],
    ['a fallback', { answer: answerOf(200, { origin: 'fallback' }) }, 'bad -'],
    ['a replay', { answer: answerOf(201, { origin: 'replay' }) }, '- -'],
    ['the replay of a 5xx', { answer: answerOf(500, { origin: 'replay' }) }, '- -'],
    ['an answer that broke off', { end: 'upstream-broken', change: (x) => Object.assign(x, { brokenBy: 'UPSTREAM_RESET' }) }, 'bad -'],
    ['one that went silent', { end: 'cut', change: (x) => Object.assign(x, { brokenBy: 'UPSTREAM_TIMEOUT' }) }, 'bad -'],
    ['an upload that broke HTTP', { end: 'cut', change: (x) => Object.assign(x, { brokenBy: 'MALFORMED_REQUEST' }) }, '- -'],
    [
      'a caller that left at once',
      { end: 'client-closed', headMs: undefined, change: (x) => Object.assign(x, { answer: undefined }) },
      '- -',
    ],
    ['a caller that left before a 5xx', { end: 'client-closed', answer: answerOf(503), headMs: undefined }, '- -'],
    ['a caller that left in mid-answer', { end: 'client-closed' }, '- -'],
    ['a caller that left after a 5xx', { end: 'client-closed', answer: answerOf(503) }, 'bad -'],
    ['a path that the contract does not know', { given: { match: { miss: 'path' } }, answer: answerOf(404) }, '- -'],
    ['a method that the contract does not know', { given: { match: { miss: 'method', allow: [] } }, answer: answerOf(500) }, '- -'],
    ['an event stream on an unknown path', { given: { match: { miss: 'path' } }, ...typed('text/event-stream') }, '- -'],
  ])('%s', (_what, ended, expected) => {
    expect(counted(ended)).toBe(expected);
  });

  it('time that was up counts as the fault of whoever had it: nobody was asked, or a try was under way', () => {
    const { answer } = refused('DEADLINE_EXHAUSTED');
    expect(counted({ answer, change: (x) => Object.assign(x, { attempts: 0 }) })).toBe('- -');
    expect(counted({ answer, change: (x) => Object.assign(x, { attempts: 1 }) })).toBe('bad -');
  });

  it('all requests count where no contract could be loaded', () => {
    const deps = fakeDeps();
    const stage = sla.compile(PROMISE, routeSpec({ contractMissing: true }), deps);
    const x = exchange({});
    Object.assign(x, { answer: answerOf(200), end: 'complete', headAt: x.startedAt });
    stage?.onFinish(x);
    expect(deps.meter.value('sla_requests_total', { objective: 'availability', good: 'true' })).toBe(1);
  });
});

describe('how long it took', () => {
  it.each([
    [299.9, 'good'],
    [300, 'good'],
    [300.1, 'bad'],
  ])('%d ms is %s for p95: 300ms, whatever the buckets of a histogram say', (headMs, expected) => {
    expect(counted({ headMs })).toBe(`good ${expected}`);
  });

  it('is counted from where an answer was owed: an upload, and a turn at a limit, are not the time of the service', () => {
    const owed =
      (afterMs: number): ((x: Exchange) => void) =>
      (x) =>
        Object.assign(x, { owedFrom: x.startedAt + afterMs });
    expect(counted({ headMs: 5000, change: owed(4800) })).toBe('good good');
    expect(counted({ headMs: 5000, change: owed(4600) })).toBe('good bad');
  });

  it('to the head: a caller that reads slowly makes nothing late', () => {
    expect(counted({ change: (x) => Object.assign(x, { endedAt: x.startedAt + 60_000 }) })).toBe('good good');
  });

  it.each(['text/event-stream; charset=utf-8', 'multipart/x-mixed-replace', 'application/x-ndjson', 'Application/JSON-seq'])(
    'says nothing of %s',
    (type) => {
      expect(counted({ ...typed(type), headMs: 5000 })).toBe('good -');
    },
  );

  it('is held against the highest percentile, in whatever order they are written', () => {
    const promise = { availability: undefined, latency: { p50: 10, 'p99.9': 900, p95: 300 } };
    expect(counted({ promise, headMs: 800 })).toBe('- good');
    expect(counted({ promise, headMs: 901 })).toBe('- bad');
  });
});

describe('what has no end', () => {
  it('counts when its head comes, and no more when it ends, however that is', () => {
    for (const answer of [answerOf(101), answerOf(200, { headers: ['Content-Type', 'text/event-stream'] })]) {
      const deps = fakeDeps();
      const stage = sla.compile(PROMISE, routeSpec(), deps);
      const x = exchange({ match: { operation, params: new Map() } });
      stage?.onResponse(x, answer);
      const good = (): number => deps.meter.value('sla_requests_total', { good: 'true' });
      expect(good()).toBe(1);
      Object.assign(x, { answer, end: 'upstream-broken', headAt: x.startedAt + 5000, brokenBy: 'UPSTREAM_RESET' });
      stage?.onFinish(x);
      expect([good(), deps.meter.value('sla_requests_total', { good: 'false' })]).toEqual([1, 0]);
    }
  });

  it('is bad where it never began', () => {
    expect(counted(typed('text/event-stream', 503))).toBe('bad -');
    expect(counted({ answer: answerOf(200, { headers: ['Content-Type', 'text/event-stream'], origin: 'fallback' }) })).toBe('bad -');
  });

  it('an export that breaks off is an answer that broke off', () => {
    expect(counted({ ...typed('application/x-ndjson'), end: 'upstream-broken' })).toBe('bad -');
  });
});

describe('the series of a promise', () => {
  const born = (promise: Sla | undefined): unknown => {
    const deps = fakeDeps();
    const stage = sla.compile(promise, routeSpec({ contract: fakeContract([operation]) }), deps);
    if (stage === undefined) return 'off';
    return ['availability', 'latency'].map((objective) => deps.meter.bornWith('sla_requests_total', { api: 'billing', objective }));
  };

  it('are born at 0, of what was promised alone', () => {
    expect(born(PROMISE)).toEqual([2, 2]);
    expect(born({ availability: 0.9, latency: {} })).toEqual([2, 0]);
    expect(born({ availability: undefined, latency: { p95: 1 } })).toEqual([0, 2]);
  });

  it('are none where nothing was promised: the route has no such stage', () => {
    expect([born(undefined), born({ availability: undefined, latency: {} })]).toEqual(['off', 'off']);
  });
});
