import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Timer } from '../../core/ports.ts';
import { TICK_MS, TimerWheel } from './timer-wheel.ts';

/** More than one round of the wheel. */
const ROUND_MS = 1024 * TICK_MS;

/** Time that a test moves, and a system timer that falls due exactly TICK_MS after it was asked for. */
class Time {
  now: number;
  readonly wheel: TimerWheel;
  readonly thrown: unknown[] = [];
  #tick: { readonly at: number; readonly fn: () => void } | undefined = undefined;

  constructor(startAt = 3.25) {
    this.now = startAt;
    this.wheel = new TimerWheel(
      () => this.now,
      (fn) => {
        expect(this.#tick, 'one tick at a time').toBeUndefined();
        this.#tick = { at: this.now + TICK_MS, fn };
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
