import { describe, expect, it } from 'vitest';
import { FakeBody, answerOf, attempt, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import { CODES, type RejectionCode, rejection } from '../../core/rejection.ts';
import { Issues } from '../../core/schema.ts';
import { type Answer, type RetryPlan, type Sent, refuse } from '../../core/stage.ts';
import { retryPlan } from './plan.ts';
import { retrySchema } from './config.ts';

interface Case {
  readonly config?: object;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly trusted?: boolean;
  readonly keyed?: boolean;
  readonly sent?: Sent;
  readonly number?: number;
  readonly timedOut?: boolean;
  readonly answeredEarly?: boolean;
  readonly replayable?: boolean;
  readonly receivedBytes?: number;
  /** From the try's start on. */
  readonly deadlineMs?: number;
  readonly admits?: boolean;
}

const DEPS = fakeDeps();
const planOf = (config: object = {}, deps = fakeDeps()): RetryPlan =>
  retryPlan(retrySchema.parse(config, [], new Issues()), routeSpec(), deps);

/** Asks a plan about a first try that came to `what`: a status or a fault. */
function ask(what: Answer | RejectionCode, given: Case = {}, plan = planOf(given.config)) {
  const body = new FakeBody('ended');
  body.replayable = given.replayable ?? true;
  body.receivedBytes = given.receivedBytes ?? 0;
  const { method = 'GET', headers = [], trusted = true } = given;
  const x = exchange({ method, headers, trusted, body });
  x.keyed = given.keyed ?? false;
  if (given.deadlineMs !== undefined) x.deadlineAt = DEPS.clock.monotonicMs() + given.deadlineMs;
  const t = attempt(given.number ?? 1);
  t.sent = given.sent ?? 'all';
  t.answeredEarly = given.answeredEarly ?? false;
  if (given.timedOut === true) t.cancel(rejection('UPSTREAM_TIMEOUT', ''));
  const answer = typeof what === 'string' ? refuse(rejection(what, '')) : what;
  return plan.next(x, t, answer, () => given.admits ?? true);
}

const AGAIN = { delayMs: 0 };
const RETRIED = [408, 502, 503, 504] as const;
const NEVER_SENT: readonly RejectionCode[] = ['CONNECT_TIMEOUT', 'UPSTREAM_REFUSED', 'DNS_FAILURE', 'UPSTREAM_TLS_ERROR'];
const retryAfter = (seconds: string, status = 503) => answerOf(status, { headers: ['Retry-After', seconds] });

describe('what is tried again', () => {
  it('RT-1: two tries by default, as many as `attempts` says otherwise', () => {
    expect([1, 2].map((number) => ask(answerOf(503), { number }))).toEqual([AGAIN, 'attempts']);
    expect([2, 3, 4].map((number) => ask(answerOf(503), { number, config: { attempts: 4 } }))).toEqual([AGAIN, AGAIN, 'attempts']);
    expect(ask(answerOf(503), { config: { attempts: 1 } })).toBe('attempts');
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('RT-1: %s', (method) => {
    expect(ask(answerOf(503), { method })).toEqual(AGAIN);
    expect(ask('UPSTREAM_RESET', { method })).toEqual(AGAIN);
  });

  it.each(['POST', 'PATCH', 'TRACE', 'get', 'PURGE'])('RT-1: not %s, but where nothing of it was sent', (method) => {
    for (const what of [answerOf(503), 'UPSTREAM_RESET'] as const) {
      expect(ask(what, { method })).toBe('not_repeatable');
      expect(ask(what, { method, sent: 'part' })).toBe('not_repeatable');
    }
    expect(ask('UPSTREAM_RESET', { method, sent: 'nothing' })).toEqual(AGAIN);
    for (const code of NEVER_SENT) expect(ask(code, { method, sent: 'nothing' })).toEqual(AGAIN);
  });

  it.each([
    [true, true, [], AGAIN],
    [true, false, ['Idempotency-Key', '"a"'], AGAIN],
    [true, false, ['Idempotency-Key', ''], 'not_repeatable'],
    [true, false, [], 'not_repeatable'],
    [false, true, ['Idempotency-Key', '"a"'], 'not_repeatable'],
  ])('RT-1: a POST, upstreamHonoursKey %s, keyed %s, with %j: %j', (upstreamHonoursKey, keyed, headers, expected) => {
    expect(ask(answerOf(503), { method: 'POST', config: { upstreamHonoursKey }, keyed, headers })).toEqual(expected);
  });

  it.each(RETRIED)('RT-3: an upstream’s %d', (status) => {
    expect(ask(answerOf(status))).toEqual(AGAIN);
  });

  it('RT-3: connect failures, resets and our attempt timeout', () => {
    for (const code of NEVER_SENT) expect(ask(code, { sent: 'nothing' })).toEqual(AGAIN);
    expect(ask('UPSTREAM_RESET')).toEqual(AGAIN);
    expect(ask('UPSTREAM_TIMEOUT', { timedOut: true })).toEqual(AGAIN);
  });

  it('RT-3: 500 only where it is listed', () => {
    expect(ask(answerOf(500))).toBeUndefined();
    expect(ask(answerOf(500), { config: { on: [500] } })).toEqual(AGAIN);
  });

  it.each([200, 201, 301, 400, 401, 403, 404, 409, 410, 412, 422, 428, 501, 505, 507])('RT-3: never %d', (status) => {
    const on = ['connect', 'reset', 'timeout', 408, 429, 500, 502, 503, 504];
    expect(ask(answerOf(status), { config: { on } })).toBeUndefined();
  });

  it.each((Object.keys(CODES) as RejectionCode[]).filter((code) => code !== 'UPSTREAM_RESET' && !NEVER_SENT.includes(code)))(
    'RT-3: not our own %s: DL-6 and what this gateway refuses are no other try’s to mend',
    (code) => {
      for (const sent of ['nothing', 'all'] as const) expect(ask(code, { sent })).toBeUndefined();
    },
  );

  it.each([
    [['reset'], 'UPSTREAM_REFUSED', 'nothing', undefined],
    [['connect'], 'UPSTREAM_RESET', 'all', undefined],
    [['connect'], 'UPSTREAM_RESET', 'nothing', AGAIN],
    [['reset'], 'UPSTREAM_RESET', 'nothing', AGAIN],
    [['503'], 'UPSTREAM_RESET', 'nothing', undefined],
    [[], 'UPSTREAM_REFUSED', 'nothing', undefined],
  ] as const)('RT-3: with on: %j %s (sent: %s) is %j', (on, code, sent, expected) => {
    expect(ask(code, { config: { on }, sent })).toEqual(expected);
    expect(ask('UPSTREAM_TIMEOUT', { config: { on }, timedOut: true })).toBeUndefined();
    expect(ask(answerOf(502), { config: { on } })).toBeUndefined();
  });

  it('RT-4: a connection that was lost before a byte was written leaves any method repeatable', () => {
    expect(ask('UPSTREAM_RESET', { method: 'POST', sent: 'nothing' })).toEqual(AGAIN);
    expect(ask('UPSTREAM_RESET', { method: 'POST', sent: 'part' })).toBe('not_repeatable');
  });

  it.each(['X-Plumbline-Overloaded', 'x-plumbline-no-retry'])('RT-9: never what a gateway behind answers with %s', (name) => {
    for (const status of RETRIED) expect(ask(answerOf(status, { headers: [name, '1'] }))).toBeUndefined();
    expect(ask(answerOf(503, { headers: [name, '0'] }))).toEqual(AGAIN);
  });
});

describe('RT-5: the body that is sent again', () => {
  it('RT-5: must have been kept, all that came of it, 64 KiB by default', () => {
    expect(planOf().keepBytes).toBe(65_536);
    expect(ask(answerOf(503), { method: 'PUT', receivedBytes: 65_536 })).toEqual(AGAIN);
    expect(ask(answerOf(503), { method: 'PUT', receivedBytes: 65_537 })).toBe('body_too_large');
    expect(ask(answerOf(503), { method: 'PUT', receivedBytes: 10, replayable: false })).toBe('body_too_large');
    expect(ask(answerOf(503), { method: 'PUT', receivedBytes: 11, config: { keepBytes: 10 } })).toBe('body_too_large');
  });

  it('RT-5: is not sent again under an answer that came while it was arriving', () => {
    expect(ask(answerOf(503), { method: 'PUT', answeredEarly: true })).toBe('body_too_large');
  });
});

describe('RT-6: the pause', () => {
  const drawn = (unit: number) => {
    const deps = fakeDeps();
    deps.random.nextUnit = unit;
    return deps;
  };

  it('RT-6: is drawn between nothing and 25 ms, doubled with each try, up to 250 ms', () => {
    const plan = planOf({ attempts: 10 }, drawn(0.5));
    expect([1, 2, 3, 4, 5, 9].map((number) => ask(answerOf(503), { number }, plan))).toEqual(
      [12.5, 25, 50, 100, 125, 125].map((delayMs) => ({ delayMs })),
    );
    expect(ask(answerOf(503), {}, planOf({ backoff: { base: '1s', max: '4s' } }, drawn(0.5)))).toEqual({ delayMs: 500 });
  });

  it.each([
    ['2', 2000],
    ['0', 12.5],
    [new Date(DEPS.clock.wallMs() + 3000).toUTCString(), 3000],
    [new Date(DEPS.clock.wallMs() - 3000).toUTCString(), 12.5],
    ['soon', 12.5],
  ])('RT-6: Retry-After: %s is a pause of %d ms: no sooner than was asked, nor than its own', (value, delayMs) => {
    expect(ask(retryAfter(value), {}, planOf({}, drawn(0.5)))).toEqual({ delayMs });
  });

  it.each([
    ['3', 4000, { delayMs: 3000 }],
    ['4', 4000, 'deadline'],
    ['60', 4000, 'deadline'],
    ['10', undefined, { delayMs: 10_000 }],
    ['11', undefined, 'deadline'],
    ['9'.repeat(50), 4000, 'deadline'],
    ['9'.repeat(50), undefined, 'deadline'],
  ])('RT-6: Retry-After: %s with %s ms left: %j', (value, deadlineMs, expected) => {
    expect(ask(retryAfter(value), deadlineMs === undefined ? {} : { deadlineMs })).toEqual(expected);
  });

  it.each([
    [undefined, undefined],
    ['soon', undefined],
    ['1', { delayMs: 1000 }],
    ['4', undefined],
  ])('RT-3: a 429 is tried again only with a Retry-After that fits: %s: %j', (value, expected) => {
    const answer = value === undefined ? answerOf(429) : retryAfter(value, 429);
    expect(ask(answer, { deadlineMs: 4000 })).toEqual(expected);
    expect(ask(answer, { deadlineMs: 4000, config: { on: [503] } })).toBeUndefined();
  });

  it('RT-6: only an upstream’s Retry-After is obeyed, not one of this gateway’s', () => {
    const own = refuse(rejection('UPSTREAM_RESET', '', { headers: ['Retry-After', '5'] }));
    expect(ask({ ...own, headers: ['Retry-After', '5'] })).toEqual(AGAIN);
  });
});

describe('RT-7: the budget', () => {
  it('RT-7: is filled by first tries, answered well or not, and emptied by retries', () => {
    const plan = planOf({ attempts: 3, budget: { ratio: 0.2, minPerSecond: 0 } });
    for (let i = 0; i < 9; i++) expect(ask(answerOf(200), {}, plan)).toBeUndefined();
    expect(ask(answerOf(503), { number: 1 }, plan)).toEqual(AGAIN);
    expect(ask(answerOf(503), { number: 2 }, plan)).toEqual(AGAIN);
    expect(ask(answerOf(503), { number: 2 }, plan)).toBe('budget');
  });

  it('RT-7: is left alone by a retry that is not made', () => {
    const plan = planOf({ attempts: 3, budget: { ratio: 1, minPerSecond: 0 } });
    const noes: readonly Case[] = [{ number: 3 }, { deadlineMs: 3 }, { admits: false }, { headers: ['X-Retry-Attempt', '2'] }];
    expect(noes.map((no) => ask(answerOf(503), no, plan))).toEqual(['attempts', 'deadline', 'circuit', 'stacked']);
    // Three first tries were counted, so three retries are to be had.
    expect([1, 2, 3, 4].map(() => ask(answerOf(503), { number: 2 }, plan))).toEqual([AGAIN, AGAIN, AGAIN, 'budget']);
  });

  it('RT-7: belongs to the route and its upstream, and outlives a reload that changes its numbers', () => {
    const deps = fakeDeps();
    const none = { budget: { ratio: 0, minPerSecond: 0 } };
    const one = { budget: { ratio: 1, minPerSecond: 0 } };
    const before = planOf(none, deps);
    for (let i = 0; i < 3; i++) expect(ask(answerOf(503), {}, before)).toBe('budget');
    const reloaded = planOf(one, deps);
    expect([1, 2, 3, 4].map(() => ask(answerOf(503), {}, reloaded))).toEqual([AGAIN, AGAIN, AGAIN, AGAIN]);
    const config = retrySchema.parse({ ...one, attempts: 3 }, [], new Issues());
    for (const route of [routeSpec({ upstream: 'http://127.0.0.1:3001' }), routeSpec({ name: 'other' })]) {
      const own = retryPlan(config, route, deps);
      expect([ask(answerOf(503), { number: 2 }, own), ask(answerOf(503), {}, own)]).toEqual(['budget', AGAIN]);
    }
  });
});

describe('RT-8: why a try was not repeated', () => {
  const NOES: ReadonlyArray<readonly [string, Case]> = [
    ['not_repeatable', { method: 'POST' }],
    ['body_too_large', { replayable: false }],
    ['attempts', { number: 2 }],
    ['stacked', { headers: ['X-Retry-Attempt', '2'] }],
    ['budget', { config: { budget: { ratio: 0, minPerSecond: 0 } } }],
    ['deadline', { deadlineMs: 5 }],
    ['circuit', { admits: false }],
  ];

  it.each(NOES.map(([reason], i) => [reason, i] as const))('RT-8: %s is told where it is the first no', (reason, i) => {
    const all: Case = Object.assign({}, ...NOES.slice(i).map(([, no]) => no));
    expect(ask(answerOf(503), all)).toBe(reason);
    expect(ask(answerOf(503), NOES[i]?.[1])).toBe(reason);
  });

  it('RT-8: nothing is told where there is nothing to repeat', () => {
    const all: Case = Object.assign({}, ...NOES.map(([, no]) => no));
    for (const answer of [answerOf(200), answerOf(404), answerOf(429)]) expect(ask(answer, all)).toBeUndefined();
  });

  it.each([
    [30, 'deadline'],
    [31, { delayMs: 25 }],
  ])('RT-8: %d ms must be more than the pause of 25 ms and the margin of a try: %j', (deadlineMs, expected) => {
    const deps = fakeDeps();
    deps.random.nextUnit = 1;
    expect(ask(answerOf(503), { deadlineMs }, planOf({}, deps))).toEqual(expected);
  });

  it('RT-8: stages are asked last, and only where all else says yes', () => {
    let asked = 0;
    const plan = planOf();
    const next = (number: number) =>
      plan.next(exchange(), attempt(number), answerOf(503), () => {
        asked += 1;
        return true;
      });
    expect([next(2), asked, next(1), asked]).toEqual(['attempts', 0, AGAIN, 1]);
  });
});
