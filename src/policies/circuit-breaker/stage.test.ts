import { describe, expect, it } from 'vitest';
import { type FakeDeps, answerOf, attempt, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { RouteSpec } from '../../core/policy.ts';
import { type RejectionCode, rejection } from '../../core/rejection.ts';
import { type Answer, type AttemptEnd, type AttemptStage, refuse } from '../../core/stage.ts';
import { Issues } from '../../core/schema.ts';
import { type CircuitBreakerConfig, circuitBreakerSchema } from './config.ts';
import { circuitBreaker } from './stage.ts';

const DEFAULTS = circuitBreakerSchema.parse({}, [], new Issues());
const UPSTREAM = 'http://127.0.0.1:3000';

interface Logged {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

function deps(): FakeDeps & { readonly logged: Logged[] } {
  const logged: Logged[] = [];
  const at = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message });
  const made = fakeDeps();
  made.random.nextUnit = 0.5;
  return Object.assign(made, { logged, logger: { info: at('info'), warn: at('warn'), error: at('error') } });
}

function staged(config: Partial<CircuitBreakerConfig> = {}, more: Partial<RouteSpec> = {}, given = deps()) {
  const stage: AttemptStage = circuitBreaker.compile({ ...DEFAULTS, ...config }, routeSpec(more), given);
  const x = exchange();
  /** A try that asks to be let through. */
  const ask = () => {
    const t = attempt(1, given.clock.monotonicMs());
    const state = stage.open?.(x, t);
    const refused = stage.onRequest?.(x, t, state) as Answer | undefined;
    t.sentAt = given.clock.monotonicMs();
    const heard = (answer: Answer): void => {
      t.headAt = given.clock.monotonicMs();
      void stage.onResponse?.(x, t, answer, state);
    };
    const finish = (end: AttemptEnd = 'complete'): void => stage.onFinish?.(x, t, end, state);
    return { t, refused, heard, finish };
  };
  const answered = (answer: Answer, end: AttemptEnd = 'complete'): Answer | undefined => {
    const { refused, heard, finish } = ask();
    if (refused === undefined) heard(answer);
    finish(refused === undefined ? end : 'complete');
    return refused;
  };
  const fail = (count: number): void => {
    for (let i = 0; i < count; i++) answered(answerOf(503));
  };
  const state = (labels = {}): string => {
    const shown = ['closed', 'open', 'half_open'].filter((one) => given.meter.value('circuit_state', { ...labels, state: one }) === 1);
    return shown.join(' and ');
  };
  return { ...given, stage, x, ask, answered, fail, state };
}

const fault = (code: RejectionCode): Answer => refuse(rejection(code, ''));

describe('the circuit of a route', () => {
  it('CB-1: 503 CIRCUIT_OPEN while it is open, with the whole seconds until it is half-open', () => {
    const { answered, fail, clock } = staged();
    fail(20);
    const refused = answered(answerOf(200));
    expect(refused?.rejection).toMatchObject({ code: 'CIRCUIT_OPEN', headers: ['Retry-After', '5'] });
    clock.advance(4100);
    expect(answered(answerOf(200))?.rejection?.headers).toEqual(['Retry-After', '1']);
    clock.advance(900);
    expect(answered(answerOf(200))).toBeUndefined();
  });

  it('CB-1: half-open, with all probes under way: CIRCUIT_OPEN too, try again in a second', () => {
    const { ask, fail, clock } = staged();
    fail(20);
    clock.advance(5000);
    expect([ask(), ask(), ask()].map(({ refused }) => refused)).toEqual([undefined, undefined, undefined]);
    expect(ask().refused?.rejection).toMatchObject({ code: 'CIRCUIT_OPEN', headers: ['Retry-After', '1'] });
  });

  it('RT-8: a failure is counted before the retry plan asks: it says no at once', () => {
    const { ask, fail, stage, x } = staged();
    fail(19);
    const { heard, finish } = ask();
    expect(stage.admits?.(x)).toBe(true);
    heard(answerOf(503));
    expect(stage.admits?.(x)).toBe(false);
    finish('superseded');
  });

  it('CB-1: a call that began well and broke off has failed', () => {
    const { answered, state } = staged();
    for (let i = 0; i < 20; i++) answered(answerOf(200), 'upstream-broken');
    expect(state()).toBe('open');
  });

  it('CB-1: a call counts when it ends, not when it begins well', () => {
    const { ask, fail, state } = staged();
    const running = Array.from({ length: 20 }, ask);
    for (const { heard } of running) heard(answerOf(200));
    fail(10);
    expect(state()).toBe('closed');
    for (const { finish } of running.slice(0, 10)) finish();
    expect(state()).toBe('open');
  });

  it('CB-2: neither a caller who leaves nor a refusal of ours is counted', () => {
    const { answered, ask, fail, state } = staged();
    for (let i = 0; i < 30; i++) answered(fault('CLIENT_CLOSED'));
    for (let i = 0; i < 30; i++) answered(fault('DEADLINE_EXHAUSTED'));
    for (let i = 0; i < 30; i++) answered(fault('REQUEST_TIMEOUT'));
    for (let i = 0; i < 30; i++) answered(answerOf(200), 'client-closed');
    for (let i = 0; i < 30; i++) ask().finish('client-closed');
    fail(19);
    expect(state()).toBe('closed');
    fail(1);
    expect(state()).toBe('open');
  });

  it('EV-3: a probe whose caller left gives its permit back, before and after the head', () => {
    const { ask, fail, clock } = staged();
    fail(20);
    clock.advance(5000);
    const [one, two, three] = [ask(), ask(), ask()];
    one.finish('client-closed');
    two.heard(fault('CLIENT_CLOSED'));
    two.finish('cancelled');
    three.heard(answerOf(200));
    three.finish('client-closed');
    expect([ask(), ask(), ask(), ask()].map(({ refused }) => refused?.status)).toEqual([undefined, undefined, undefined, 503]);
  });

  it('CB-1: slow calls open it', () => {
    const { ask, clock, state, logged } = staged();
    for (let i = 0; i < 20; i++) {
      const { t, heard, finish } = ask();
      t.sentAt = clock.monotonicMs() - 2001;
      heard(answerOf(200));
      finish();
    }
    expect(state()).toBe('open');
    expect(logged[0]?.fields).toMatchObject({ calls: 20, failed: 0, slow: 20 });
  });

  it('EV-8: upgrades leave it out', () => {
    expect(staged().stage.skipsUpgrades).toBe(true);
  });
});

describe('what is told of a circuit', () => {
  it('exactly one state is 1 from the beginning, and each transition is counted', () => {
    const { answered, fail, clock, state, meter } = staged();
    expect([state(), meter.value('circuit_state')]).toEqual(['closed', 1]);
    fail(20);
    expect([state(), meter.value('circuit_state')]).toEqual(['open', 1]);
    clock.advance(5000);
    for (let i = 0; i < 3; i++) answered(answerOf(200));
    expect([state(), meter.value('circuit_state')]).toEqual(['closed', 1]);
    expect(meter.series('circuit_transitions_total')).toEqual({
      [`api=billing,upstream=${UPSTREAM},to=open`]: 1,
      [`api=billing,upstream=${UPSTREAM},to=half_open`]: 1,
      [`api=billing,upstream=${UPSTREAM},to=closed`]: 1,
    });
  });

  it('CB-1: it does not show `open` for longer than it is, where nobody asks any more', () => {
    const { fail, clock, state } = staged();
    fail(20);
    clock.advance(4999);
    expect(state()).toBe('open');
    clock.advance(1);
    expect([state(), clock.pending]).toEqual(['half_open', 0]);
  });

  it('one line a transition says which circuit, and why', () => {
    const { fail, answered, clock, logged } = staged();
    fail(22);
    clock.advance(5000);
    for (let i = 0; i < 3; i++) answered(answerOf(200));
    const which = { api: 'billing', route: 'billing-route', upstream: UPSTREAM };
    expect(logged.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { ...which, from: 'closed', to: 'open', calls: 20, failed: 20, slow: 0, open_ms: 5000 }],
      ['info', { ...which, from: 'open', to: 'half_open' }],
      ['info', { ...which, from: 'half_open', to: 'closed', calls: 3 }],
    ]);
  });

  it('CB-1: routes have circuits of their own; of one api and upstream the one that is worst off is shown', () => {
    const given = deps();
    const one = staged({}, { name: 'one' }, given);
    const two = staged({}, { name: 'two' }, given);
    one.fail(20);
    expect([one.answered(answerOf(200))?.status, two.answered(answerOf(200))]).toEqual([503, undefined]);
    expect(one.state()).toBe('open');
    given.clock.advance(5000);
    expect(one.state()).toBe('half_open');
    two.fail(20);
    expect(one.state()).toBe('open');
    given.clock.advance(5000);
    for (let i = 0; i < 3; i++) one.answered(answerOf(200));
    expect(one.state()).toBe('half_open');
    for (let i = 0; i < 3; i++) two.answered(answerOf(200));
    expect(one.state()).toBe('closed');
  });

  it('CB-1: each upstream has its own', () => {
    const given = deps();
    const a = staged({}, { upstream: 'http://a' }, given);
    const b = staged({}, { upstream: 'http://b' }, given);
    a.fail(20);
    expect([a.state({ upstream: 'http://a' }), b.state({ upstream: 'http://b' })]).toEqual(['open', 'closed']);
    expect(b.answered(answerOf(200))).toBeUndefined();
  });
});

describe('a reload', () => {
  it('keeps an open circuit open, and takes the new numbers', () => {
    const given = deps();
    staged({}, {}, given).fail(20);
    const { answered, clock, state, fail } = staged({ probes: 1, minCalls: 5 }, {}, given);
    expect(answered(answerOf(200))?.status).toBe(503);
    clock.advance(5000);
    answered(answerOf(200));
    expect(state()).toBe('closed');
    fail(5);
    expect(state()).toBe('open');
  });

  it('what an exchange of the configuration before it still tries does not bring the old numbers back', () => {
    const given = deps();
    const before = staged({}, {}, given);
    const after = staged({ minCalls: 5 }, {}, given);
    after.answered(answerOf(200));
    before.fail(4);
    expect(after.state()).toBe('open');
  });

  it('a configuration that never came into force has no say', () => {
    const given = deps();
    const inForce = staged({}, {}, given);
    inForce.fail(4);
    staged({ minCalls: 5 }, { api: 'other' }, given);
    inForce.fail(4);
    expect(inForce.state({ api: 'billing' })).toBe('closed');
  });

  it('with another contract the circuit goes on under its new name, and the old one tells of none', () => {
    const given = deps();
    const before = staged({}, { api: 'v1' }, given);
    before.fail(20);
    const after = staged({}, { api: 'v2' }, given);
    expect(after.answered(answerOf(200))?.status).toBe(503);
    expect([before.state({ api: 'v1' }), after.state({ api: 'v2' })]).toEqual(['closed', 'open']);
    given.clock.advance(5000);
    after.answered(answerOf(200));
    expect([before.state({ api: 'v1' }), after.state({ api: 'v2' })]).toEqual(['closed', 'half_open']);
  });
});
