import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, CIRCUIT_DEFAULTS as DEFAULTS, circuit } from '../../../test/kit/circuit.ts';
import type { Verdict } from './breaker.ts';

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
