import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { distinctShapes } from './testing.ts';

/** 10,000 reports and names, some 500 bytes each: 8 MiB leaves room for what the engine itself keeps. */
const MAX_BYTES = 8 * 1024 * 1024;

it('a million distinct shapes stay within the memory of ten thousand', { timeout: 300_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  await distinctShapes(20_000, 10_000);
  gc();
  const before = process.memoryUsage().heapUsed;
  const { states, ...made } = await distinctShapes(1_000_000, 10_000);
  gc();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(MAX_BYTES);
  expect(made).toEqual({ untold: 0, mostKept: 10_000 });
  expect(states.size.states).toBe(4);
});
