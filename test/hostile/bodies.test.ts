import { describe, expect, it } from 'vitest';
import { WORKER_PATIENCE } from '../../src/app/contract-again.ts';
import { BODIES } from './bodies.ts';
import { HELD_MS, held } from './held.ts';
import { contractFor, judge } from './judge.ts';

const LEFT_TO_THE_WORKER = 'skipped too_large';

describe('bodies that are written to take long', () => {
  it.each(BODIES)('$name: a verdict, soon', async (one) => {
    const fresh = await contractFor(one, 1);
    const first = held(() => judge(fresh, one));
    const warm = await contractFor(one, 1);
    while (warm.warmUp());
    const compiled = held(() => judge(warm, one));
    expect([one.verdict, LEFT_TO_THE_WORKER]).toContain(first.result);
    expect(compiled.result).toBe(one.slow === true ? LEFT_TO_THE_WORKER : one.verdict);
    expect(Math.max(first.ms, compiled.ms)).toBeLessThan(HELD_MS);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  // What is too much for the worker, too, takes it a second to find out: `scripts/ci/hostile.ts` looks at that.
  it.each(BODIES.filter(({ slow, verdict }) => slow && verdict !== LEFT_TO_THE_WORKER))(
    '$name: what the worker makes of it',
    async (one) => {
      const contract = await contractFor(one, WORKER_PATIENCE);
      while (contract.warmUp());
      expect(judge(contract, one)).toBe(one.verdict);
    },
  );
});
