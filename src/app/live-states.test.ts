import { describe, expect, it } from 'vitest';
import { LiveStates } from './live-states.ts';

class Told {
  times = 0;

  [Symbol.dispose](): void {
    this.times += 1;
  }
}

describe('what outlives a reload', () => {
  it('is one for all generations that ask for it', () => {
    const states = new LiveStates();
    const [one, two] = [states.lease(), states.lease()];
    const made = one.live('a', () => new Told());
    expect(one.live('a', () => new Told())).toBe(made);
    expect(two.live('a', () => new Told())).toBe(made);
    expect(two.live('b', () => new Told())).not.toBe(made);
  });

  it('goes with the last of them, once, and is told', () => {
    const states = new LiveStates();
    const [one, two] = [states.lease(), states.lease()];
    const told = one.live('a', () => new Told());
    one.live('a', () => new Told());
    two.live('a', () => new Told());
    one.release();
    expect([told.times, states.size]).toEqual([0, 1]);
    two.release();
    two.release();
    expect([told.times, states.size]).toEqual([1, 0]);
    expect(states.lease().live('a', () => new Told())).not.toBe(told);
  });

  it('need not be an object, nor want to know', () => {
    const states = new LiveStates();
    const lease = states.lease();
    expect([lease.live('a', () => 'text'), lease.live('b', () => null), lease.live('c', () => new Map()).size]).toEqual(['text', null, 0]);
    lease.release();
    expect(states.size).toBe(0);
  });
});
