import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { FixedRandom } from '../../../test/kit/random.ts';
import { Issues } from '../../core/schema.ts';
import { Breaker, Call, type Change, type Verdict } from './breaker.ts';
import { type CircuitBreakerConfig, circuitBreakerSchema } from './config.ts';

const DEFAULTS = circuitBreakerSchema.parse({}, [], new Issues());

/** How far a call has come, for a test to set. */
class Asked extends Call {
  declare readonly progress: { sentAt: number | undefined; headAt: number | undefined };
}

function circuit(config: Partial<CircuitBreakerConfig> = {}) {
  const clock = new FakeClock();
  const random = new FixedRandom();
  random.nextUnit = 0.5; // no jitter
  const changes: Change[] = [];
  const note = (change: Change): void => void changes.push(change);
  const breaker = new Breaker({ ...DEFAULTS, ...config }, clock, random, note);
  /** Undefined: it was not let through. */
  const ask = (): Asked | undefined => {
    const call = new Asked({ sentAt: undefined, headAt: undefined });
    return breaker.admit(call) ? call : undefined;
  };
  const calls = (count: number, verdict: Verdict): void => {
    for (let i = 0; i < count; i++) breaker.ended(ask() as Asked, verdict);
  };
  return {
    clock,
    random,
    changes,
    breaker,
    ask,
    calls,
    note,
    /** As many probes as may be, all still under way. */
    probes: () => Array.from({ length: 10 }, ask).filter((call) => call !== undefined),
    halfOpen: () => {
      calls(20, 'failed');
      clock.advance(5000);
    },
  };
}

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

describe('a half-open circuit', () => {
  it('CB-1: lets three through at a time', () => {
    const { halfOpen, probes, breaker } = circuit();
    halfOpen();
    expect(probes()).toHaveLength(3);
    expect([breaker.admits(), breaker.retryAfterS]).toEqual([false, 1]);
  });

  it('CB-1: closes when three have ended well, and not before', () => {
    const { halfOpen, probes, ask, breaker, changes } = circuit();
    halfOpen();
    const [one, two, three] = probes() as [Asked, Asked, Asked];
    breaker.ended(one, 'good');
    // No more are let through than are needed.
    expect(ask()).toBeUndefined();
    breaker.ended(two, 'good');
    expect(breaker.state).toBe('half_open');
    breaker.ended(three, 'good');
    expect([breaker.state, changes.at(-1)?.calls]).toEqual(['closed', 3]);
    expect(ask()).toBeDefined();
  });

  it.each(['failed', 'slow'] as const)('CB-1: opens again, doubled, at one that is %s', (verdict) => {
    const { halfOpen, probes, breaker, changes } = circuit();
    halfOpen();
    const [one, two, three] = probes() as [Asked, Asked, Asked];
    breaker.ended(one, 'good');
    breaker.ended(two, verdict);
    expect([breaker.state, changes.at(-1)?.openMs]).toEqual(['open', 10_000]);
    breaker.ended(three, 'failed');
    expect(changes).toHaveLength(3);
  });

  it('CB-1: a probe whose caller left gives its permit back, and says nothing', () => {
    const { halfOpen, probes, ask, breaker } = circuit();
    halfOpen();
    const [one] = probes() as [Asked];
    breaker.ended(one, 'void');
    expect(breaker.state).toBe('half_open');
    expect(ask()).toBeDefined();
    expect(ask()).toBeUndefined();
  });

  it('CB-1: a probe that has had no answer for 2 s since it was sent has failed', () => {
    const { halfOpen, probes, breaker, clock } = circuit();
    halfOpen();
    const [one] = probes() as [Asked];
    one.progress.sentAt = clock.monotonicMs();
    clock.advance(2000);
    expect([breaker.admits(), breaker.state]).toEqual([false, 'half_open']);
    clock.advance(1);
    expect([breaker.admits(), breaker.state]).toEqual([false, 'open']);
    breaker.ended(one, 'good');
    expect(breaker.state).toBe('open');
  });

  it('CB-1: probes whose answers stream on are good after 2 s: an event stream need never end', () => {
    const { halfOpen, probes, breaker, clock, ask } = circuit();
    halfOpen();
    for (const call of probes()) {
      call.progress.sentAt = call.progress.headAt = clock.monotonicMs();
      call.begunWell = true;
    }
    clock.advance(2000);
    expect(ask()).toBeUndefined();
    clock.advance(1);
    expect(ask()).toBeDefined();
    expect(breaker.state).toBe('closed');
  });

  it('CB-1: a probe that its caller sends slowly keeps no permit from others, and counts when it ends', () => {
    const { halfOpen, probes, breaker, clock, ask, calls } = circuit();
    halfOpen();
    const [one, two, three] = probes() as [Asked, Asked, Asked];
    // Collected whole, and not yet seen by the stages.
    two.progress.sentAt = two.progress.headAt = clock.monotonicMs();
    clock.advance(2001);
    expect(probes()).toHaveLength(3);
    expect(ask()).toBeUndefined();
    breaker.ended(one, 'good');
    breaker.ended(two, 'good');
    breaker.ended(three, 'good');
    expect(breaker.state).toBe('closed');
    calls(1, 'good');
  });
});

describe('a reload', () => {
  it('keeps the state and takes the new numbers', () => {
    const { breaker, calls, changes, clock, note } = circuit();
    calls(20, 'failed');
    breaker.use({ ...DEFAULTS, probes: 1, openMs: 1000 }, note);
    expect(breaker.admits()).toBe(false);
    clock.advance(5000);
    calls(1, 'good');
    expect(breaker.state).toBe('closed');
    calls(20, 'failed');
    expect(changes.at(-1)?.openMs).toBe(1000);
  });

  it('keeps the calls, but for another window', () => {
    const { breaker, calls, note } = circuit();
    calls(19, 'failed');
    breaker.use({ ...DEFAULTS, failureRatio: 0.9 }, note);
    breaker.use({ ...DEFAULTS, windowMs: 20_000 }, note);
    calls(1, 'failed');
    expect(breaker.state).toBe('closed');
    breaker.use({ ...DEFAULTS, windowMs: 20_000, minCalls: 2 }, note);
    calls(1, 'failed');
    expect(breaker.state).toBe('open');
  });
});

type Step = { readonly do: 'ask' | 'end' | 'time'; readonly which: number; readonly verdict: Verdict; readonly ms: number };
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('ask', 'ask', 'end', 'end', 'time'),
  which: fc.nat(30),
  verdict: fc.constantFrom<Verdict>('good', 'failed', 'slow', 'void'),
  ms: fc.integer({ min: 0, max: 4000 }),
});

describe('whatever happens', () => {
  it('CB-1: never more than three probes, nothing while it is open, and no permit is lost', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { ask, breaker, clock, changes } = circuit({ minCalls: 3, openMs: 1000 });
        let under: Asked[] = [];
        for (const { do: what, which, verdict, ms } of steps) {
          if (what === 'time') clock.advance(ms);
          else if (what === 'end') {
            const call = under.splice(which % Math.max(1, under.length), 1)[0];
            if (call !== undefined) breaker.ended(call, verdict);
          } else {
            const call = ask();
            if (call !== undefined) {
              expect(breaker.state).not.toBe('open');
              under.push(call);
            }
          }
          if (breaker.state === 'half_open') {
            const probing = under.filter((call) => call.epoch === changes.length && call.admittedAt >= clock.monotonicMs() - 2000);
            expect(probing.length).toBeLessThanOrEqual(3);
          }
        }
        // Everybody leaves: whatever the state, three good calls close it within the longest time that it can be open.
        for (const call of under) breaker.ended(call, 'void');
        under = [];
        clock.advance(66_001);
        for (let i = 0; i < 3 && breaker.state !== 'closed'; i++) breaker.ended(ask() as Asked, 'good');
        expect(ask()).toBeDefined();
        for (const { from, to } of changes)
          expect(`${from} ${to}`).toMatch(/^(closed|half_open) open$|^open half_open$|^half_open closed$/);
      }),
      { numRuns: 300 },
    );
  });
});
