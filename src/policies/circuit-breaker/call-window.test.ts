import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallWindow, type Counted } from './call-window.ts';

describe('the calls of the last while', () => {
  it('CB-1: are counted by how they ended', () => {
    const window = new CallWindow(10_000);
    for (const what of ['good', 'failed', 'slow', 'failed'] as const) window.add(what, 5000);
    expect([window.calls, window.failed, window.slow]).toEqual([4, 2, 1]);
    window.clear();
    window.add('good', 5000);
    expect([window.calls, window.failed, window.slow]).toEqual([1, 0, 0]);
  });

  it('CB-1: leave the window when they are as old as it is long, and not before nine tenths of that', () => {
    const window = new CallWindow(10_000);
    window.add('failed', 20_500);
    window.add('good', 29_999);
    expect([window.calls, window.failed]).toEqual([2, 1]);
    window.add('good', 30_500);
    expect([window.calls, window.failed]).toEqual([2, 0]);
  });

  const step = fc.record({ ms: fc.integer({ min: 0, max: 2500 }), what: fc.constantFrom<Counted>('good', 'failed', 'slow') });

  it('CB-1: are those of a list, whatever the times between them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 1e6 }), (steps, from) => {
        const window = new CallWindow(1000);
        const list: Array<{ readonly at: number; readonly what: Counted }> = [];
        let now = from;
        for (const { ms, what } of steps) {
          now += ms;
          window.add(what, now);
          list.push({ at: now, what });
          const first = (Math.floor(now / 100) - 9) * 100;
          const seen = list.filter(({ at }) => at >= first).map((call) => call.what);
          const count = (of: Counted): number => seen.filter((one) => one === of).length;
          expect([window.calls, window.failed, window.slow]).toEqual([seen.length, count('failed'), count('slow')]);
        }
      }),
    );
  });
});
