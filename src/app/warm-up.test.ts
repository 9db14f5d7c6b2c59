import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import type { Contract } from '../core/contract.ts';
import { type WarmedUp, warmUp } from './warm-up.ts';

/** A contract of validators that each take `stepMs`; how many are compiled. */
function contractOf(clock: WorkingClock, validators: number, stepMs: number): Contract & { compiled: number } {
  const contract = {
    compiled: 0,
    warmUp(): boolean {
      if (contract.compiled === validators) return false;
      contract.compiled += 1;
      clock.pass(stepMs);
      return true;
    },
  };
  return contract as unknown as Contract & { compiled: number };
}

/** Time that also goes by while something is done. */
class WorkingClock extends FakeClock {
  #workedMs = 0;

  pass(ms: number): void {
    this.#workedMs += ms;
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#workedMs;
  }
}

describe('the warm-up', () => {
  it('compiles a few at a time: a slice ends with the validator during which two milliseconds go by', () => {
    const clock = new WorkingClock();
    const contract = contractOf(clock, 100, 0.5);
    warmUp([contract], { clock, timers: clock, onDone: () => undefined });
    expect(contract.compiled).toBe(0);
    clock.advance(8);
    expect(contract.compiled).toBe(4);
    clock.advance(8);
    expect(contract.compiled).toBe(8);
  });

  it('rests three times as long as a large validator took', () => {
    const clock = new WorkingClock();
    const contract = contractOf(clock, 10, 20);
    warmUp([contract], { clock, timers: clock, onDone: () => undefined });
    clock.advance(8);
    expect(contract.compiled).toBe(1);
    expect(clock.nextInMs).toBe(60);
  });

  it('gives way once where the event loop is late, and then goes on', () => {
    const clock = new WorkingClock();
    const contract = contractOf(clock, 100, 1);
    warmUp([contract], { clock, timers: clock, onDone: () => undefined });
    clock.pass(40);
    clock.advance(8);
    expect(contract.compiled).toBe(0);
    clock.pass(40);
    clock.advance(100);
    expect(contract.compiled).toBe(2);
  });

  it('tells of each contract when it is done, and of none that had nothing to do', () => {
    const clock = new WorkingClock();
    const told: WarmedUp[] = [];
    const [none, some] = [contractOf(clock, 0, 1), contractOf(clock, 3, 1)];
    warmUp([none, some], { clock, timers: clock, onDone: (warm) => told.push(warm) });
    clock.advance(1000);
    expect(told).toEqual([{ contract: some, busyMs: 3, tookMs: expect.any(Number) }]);
    expect(clock.pending).toBe(0);
  });

  it('stops when it is told to', () => {
    const clock = new WorkingClock();
    const contract = contractOf(clock, 100, 1);
    const stop = warmUp([contract], { clock, timers: clock, onDone: () => undefined });
    clock.advance(8);
    stop();
    clock.advance(1000);
    expect(contract.compiled).toBe(2);
    expect(clock.pending).toBe(0);
  });
});
