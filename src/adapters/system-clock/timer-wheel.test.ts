import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Timer } from '../../core/ports.ts';
import { TICK_MS, TimerWheel } from './timer-wheel.ts';

/** More than one round of the wheel. */
const ROUND_MS = 1024 * TICK_MS;

/** Time that a test moves, and a system timer that falls due exactly when it was asked for. */
class Time {
  now: number;
  readonly wheel: TimerWheel;
  readonly thrown: unknown[] = [];
  /** How often a system timer was asked for. */
  turns = 0;
  #tick: { readonly at: number; readonly fn: () => void } | undefined = undefined;

  constructor(startAt = 3.25) {
    this.now = startAt;
    this.wheel = new TimerWheel(
      () => this.now,
      (fn, ms) => {
        expect(this.#tick, 'one tick at a time').toBeUndefined();
        this.turns += 1;
        const tick = { at: this.now + ms, fn };
        this.#tick = tick;
        return () => {
          if (this.#tick === tick) this.#tick = undefined;
        };
      },
      (error) => this.thrown.push(error),
    );
  }

  get ticking(): boolean {
    return this.#tick !== undefined;
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (let tick = this.#tick; tick !== undefined && tick.at <= until; tick = this.#tick) this.#run(tick);
    this.now = until;
  }

  /** The event loop was held: the tick comes late. */
  stall(ms: number): void {
    const tick = this.#tick;
    this.now += ms;
    if (tick !== undefined) this.#run({ at: this.now, fn: tick.fn });
  }

  #run(tick: { readonly at: number; readonly fn: () => void }): void {
    this.#tick = undefined;
    this.now = tick.at;
    tick.fn();
  }
}

describe('the timer wheel', () => {
  it('goes on after a callback that throws, and tells of it', () => {
    const time = new Time();
    const planted = new Error('planted');
    let ran = 0;
    time.wheel.after(10, () => {
      throw planted;
    });
    time.wheel.after(10, () => {
      ran += 1;
    });
    time.wheel.after(100, () => {
      ran += 1;
    });
    time.advance(200);
    expect([ran, time.thrown]).toEqual([2, [planted]]);
  });

  it.each([0, 1, 7.9, 8, 8.1, 100, ROUND_MS - 1, ROUND_MS, ROUND_MS + 5, 10 * ROUND_MS])(
    'calls after %d ms: never early, a tick late at most',
    (ms) => {
      const time = new Time();
      const dueAt = time.now + ms;
      let ranAt: number | undefined;
      time.wheel.after(ms, () => {
        ranAt = time.now;
      });
      time.advance(ms + 2 * TICK_MS);
      expect(ranAt).toBeGreaterThanOrEqual(dueAt);
      expect((ranAt ?? Number.POSITIVE_INFINITY) - dueAt).toBeLessThanOrEqual(TICK_MS);
    },
  );

  it('stands still while it is empty', () => {
    const time = new Time();
    expect(time.ticking).toBe(false);
    const timer = time.wheel.after(50, () => undefined);
    expect(time.ticking).toBe(true);
    timer.cancel();
    time.advance(TICK_MS);
    expect([time.ticking, time.wheel.size]).toEqual([false, 0]);
  });

  it('sleeps while nothing is due soon, and is woken by what is due before', () => {
    const time = new Time();
    const ran: Array<[string, number]> = [];
    const startedAt = time.now;
    const set = (name: string, ms: number): Timer => time.wheel.after(ms, () => ran.push([name, Math.round(time.now - startedAt)]));
    set('far', 60_000);
    set('very far', 7_200_000);
    time.advance(1000);
    const asleep = time.turns;
    time.advance(20_000);
    expect(time.turns, 'no turn while it sleeps').toBe(asleep);
    set('later', 50_000);
    expect(time.turns, 'what is due after it wakes changes nothing').toBe(asleep);
    const soon = set('soon', 30);
    set('sooner', 20);
    soon.cancel();
    time.advance(10_000);
    expect(ran.map(([name]) => name)).toEqual(['sooner']);
    expect(ran[0]?.[1]).toBeLessThanOrEqual(21_020 + TICK_MS);
    time.advance(8_000_000);
    expect(ran.map(([name]) => name)).toEqual(['sooner', 'far', 'later', 'very far']);
    for (const [i, dueAt] of [21_020, 60_000, 71_000, 7_200_000].entries()) {
      expect(ran[i]?.[1]).toBeGreaterThanOrEqual(dueAt);
      expect(ran[i]?.[1]).toBeLessThanOrEqual(dueAt + TICK_MS + 1);
    }
    expect(time.turns).toBeLessThan(500);
    expect([time.wheel.size, time.ticking]).toEqual([0, false]);
  });

  it('does not sleep while timers are set again and again: looking for the next would cost more than turning', () => {
    const time = new Time();
    time.wheel.after(60_000, () => undefined);
    for (let i = 0; i < 1000; i++) {
      time.wheel.after(30_000, () => undefined).cancel();
      time.advance(TICK_MS);
    }
    expect(time.turns).toBeGreaterThan(990);
  });

  it('takes a negative delay as none', () => {
    const time = new Time();
    let ran = 0;
    time.wheel.after(-1000, () => (ran += 1));
    time.advance(TICK_MS);
    expect(ran).toBe(1);
  });

  it('lets a callback cancel one that is due in the same tick, and itself', () => {
    const time = new Time();
    const ran: string[] = [];
    const timers: Timer[] = [];
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      timers[i] = time.wheel.after(i, () => {
        ran.push(name);
        timers[1]?.cancel();
        timers[0]?.cancel();
      });
    }
    time.advance(2 * TICK_MS);
    expect(ran).toEqual(['a', 'c']);
    expect(time.wheel.size).toBe(0);
  });

  it('after a stall longer than a round everything due runs, once', () => {
    const time = new Time();
    const ran: number[] = [];
    const delays = [ROUND_MS + 20, 5, 3 * ROUND_MS, ROUND_MS - 1, 5 * ROUND_MS];
    for (const ms of delays) time.wheel.after(ms, () => ran.push(ms));
    time.stall(4 * ROUND_MS);
    expect([...ran].sort((a, b) => a - b)).toEqual([5, ROUND_MS - 1, ROUND_MS + 20, 3 * ROUND_MS]);
    time.advance(ROUND_MS + TICK_MS);
    expect(ran.at(-1)).toBe(5 * ROUND_MS);
    expect(time.ticking).toBe(false);
  });

  type Step = { readonly do: 'set' | 'nest' | 'cancel' | 'advance' | 'stall'; readonly ms: number; readonly which: number };
  const delay = fc.oneof(fc.double({ min: 0, max: 40, noNaN: true }), fc.integer({ min: 0, max: 3 * ROUND_MS }));
  const step: fc.Arbitrary<Step> = fc.record({
    do: fc.constantFrom('set', 'set', 'nest', 'cancel', 'advance', 'advance', 'stall'),
    ms: delay,
    which: fc.nat(20),
  });

  it('does what a list of instants would do, whatever is set, cancelled or stalled', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.double({ min: 0, max: 1e6, noNaN: true }), (steps, startAt) => {
        const time = new Time(startAt);
        const model: Array<{ readonly dueAt: number; state: 'set' | 'ran' | 'cancelled'; readonly timer: Timer }> = [];
        let punctual = true;
        const set = (ms: number, nestedMs: number | undefined): void => {
          const entry = {
            dueAt: time.now + ms,
            state: 'set' as 'set' | 'ran' | 'cancelled',
            timer: time.wheel.after(ms, () => {
              expect(entry.state).toBe('set');
              expect(time.now).toBeGreaterThanOrEqual(entry.dueAt);
              if (punctual) expect(time.now - entry.dueAt).toBeLessThanOrEqual(TICK_MS + 1e-6);
              entry.state = 'ran';
              if (nestedMs !== undefined) set(nestedMs, undefined);
            }),
          };
          model.push(entry);
        };
        for (const { do: what, ms, which } of steps) {
          if (what === 'set') set(ms, undefined);
          else if (what === 'nest') set(ms, which);
          else if (what === 'advance') time.advance(ms);
          else if (what === 'stall') {
            punctual = false;
            time.stall(ms);
            punctual = true;
          } else {
            const entry = model[which % Math.max(1, model.length)];
            entry?.timer.cancel();
            if (entry?.state === 'set') entry.state = 'cancelled';
          }
          for (const { dueAt, state } of model) if (time.now - dueAt > TICK_MS + 1e-6 && what !== 'stall') expect(state).not.toBe('set');
          expect(time.wheel.size).toBe(model.filter(({ state }) => state === 'set').length);
        }
        time.advance(4 * ROUND_MS);
        expect(model.filter(({ state }) => state === 'set')).toEqual([]);
        expect([time.wheel.size, time.ticking]).toEqual([0, false]);
      }),
      { numRuns: 300 },
    );
  });
});
