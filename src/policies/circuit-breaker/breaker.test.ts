import { describe, expect, it } from 'vitest';
import { type Asked, CIRCUIT_DEFAULTS as DEFAULTS, circuit } from '../../../test/kit/circuit.ts';

describe('a closed circuit', () => {
  it('CB-1: defaults', () => {
    expect(DEFAULTS).toEqual({
      windowMs: 10_000,
      minCalls: 20,
      failureRatio: 0.5,
      slowerThanMs: 2000,
      openMs: 5000,
      maxOpenMs: 60_000,
      probes: 3,
    });
  });

  it('CB-1: opens when 20 calls have ended and half of them failed or were slow', () => {
    const { breaker, calls, changes } = circuit();
    calls(10, 'good');
    calls(5, 'failed');
    calls(4, 'slow');
    expect(breaker.state).toBe('closed');
    calls(1, 'slow');
    expect(breaker.state).toBe('open');
    expect(changes).toEqual([{ from: 'closed', to: 'open', calls: 20, failed: 5, slow: 5, openMs: 5000 }]);
  });

  it('CB-1: opens at the twentieth call, also where that one is good', () => {
    const { breaker, calls } = circuit();
    calls(10, 'failed');
    calls(9, 'good');
    expect(breaker.state).toBe('closed');
    calls(1, 'good');
    expect(breaker.state).toBe('open');
  });

  it('CB-1: stays closed below half, and with fewer calls than 20 whatever they are', () => {
    const { breaker, calls } = circuit();
    calls(19, 'failed');
    expect(breaker.state).toBe('closed');
    const other = circuit();
    other.calls(11, 'good');
    other.calls(10, 'failed');
    expect(other.breaker.state).toBe('closed');
  });

  it('CB-1: counts calls of the last 10 s only', () => {
    const { breaker, calls, clock } = circuit();
    calls(19, 'failed');
    clock.advance(10_000);
    calls(19, 'failed');
    expect(breaker.state).toBe('closed');
    calls(1, 'failed');
    expect(breaker.state).toBe('open');
  });

  it('CB-2: a call that says nothing is not counted', () => {
    const { breaker, calls } = circuit();
    calls(100, 'void');
    calls(19, 'failed');
    expect(breaker.state).toBe('closed');
  });

  it('CB-1: a share such as 0.07 is reached by 7 of 100', () => {
    const { breaker, calls } = circuit({ failureRatio: 0.07, minCalls: 100 });
    calls(93, 'good');
    calls(6, 'failed');
    expect(breaker.state).toBe('closed');
    calls(1, 'failed');
    expect(breaker.state).toBe('open');
  });

  it('a call counts once', () => {
    const { ask, breaker, calls } = circuit();
    calls(18, 'failed');
    const call = ask() as Asked;
    breaker.ended(call, 'failed');
    breaker.ended(call, 'failed');
    expect(breaker.state).toBe('closed');
  });
});

describe('an open circuit', () => {
  it('CB-1: lets nothing through for 5 s, and says when to come again', () => {
    const { ask, breaker, calls, clock } = circuit();
    calls(20, 'failed');
    expect([ask(), breaker.admits(), breaker.retryAfterS]).toEqual([undefined, false, 5]);
    clock.advance(4001);
    expect([ask(), breaker.retryAfterS]).toEqual([undefined, 1]);
    clock.advance(998);
    expect([ask(), breaker.retryAfterS]).toEqual([undefined, 1]);
    clock.advance(1);
    expect(breaker.admits()).toBe(true);
    expect(ask()).toBeDefined();
  });

  it.each([
    [0, 4500],
    [0.5, 5000],
    [0.999_999, 5500],
  ])('CB-1: a jitter of 10 %% either way (%d)', (unit, openMs) => {
    const { calls, changes, random } = circuit();
    random.nextUnit = unit;
    calls(20, 'failed');
    expect(changes[0]?.openMs).toBeCloseTo(openMs, 1);
  });

  it('CB-1: is half-open by the clock alone, when somebody looks', () => {
    const { breaker, calls, changes, clock } = circuit();
    calls(20, 'failed');
    clock.advance(60_000);
    expect(breaker.state).toBe('open');
    breaker.look();
    expect([breaker.state, changes.at(-1)]).toEqual([
      'half_open',
      { from: 'open', to: 'half_open', calls: 0, failed: 0, slow: 0, openMs: 0 },
    ]);
    breaker.look();
    expect(changes).toHaveLength(2);
  });

  it('CB-1: stays open twice as long after each probe that failed, up to 60 s; once closed it begins anew', () => {
    const { ask, breaker, calls, changes, clock } = circuit();
    calls(20, 'failed');
    for (let i = 0; i < 6; i++) {
      clock.advance(changes.at(-1)?.openMs as number);
      breaker.ended(ask() as Asked, 'failed');
    }
    expect(changes.filter(({ to }) => to === 'open').map(({ openMs }) => openMs / 1000)).toEqual([5, 10, 20, 40, 60, 60, 60]);
    clock.advance(60_000);
    calls(3, 'good');
    expect(breaker.state).toBe('closed');
    calls(20, 'failed');
    expect(changes.at(-1)?.openMs).toBe(5000);
  });

  it('CB-1: what was let through before says nothing any more when it ends', () => {
    const { ask, breaker, calls, clock } = circuit();
    const [late, later, latest] = [ask(), ask(), ask()] as Asked[];
    calls(20, 'failed');
    breaker.ended(late as Asked, 'good');
    clock.advance(5000);
    expect(breaker.admits()).toBe(true);
    for (let i = 0; i < 3; i++) breaker.ended(later as Asked, 'good');
    breaker.ended(latest as Asked, 'failed');
    expect(breaker.state).toBe('half_open');
    calls(3, 'good');
    expect(breaker.state).toBe('closed');
  });
});
