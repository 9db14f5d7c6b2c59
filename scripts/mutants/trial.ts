import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutated } from './corpus.ts';
import type { Mutant } from './mutant.ts';
import { type Verdict, notGreen, runVitest, verdictOf } from './tests.ts';

/** A mutant's tests take a second or two, the whole unit suite minutes; all far longer on a machine that does other things. */
const LIMIT_MS = 90_000;
const ALL_LIMIT_MS = 900_000;

export interface Tried {
  readonly outcome: 'killed' | 'SURVIVED' | 'ERROR';
  /** The test that turned red, or why nothing can be said. */
  readonly by: string;
}

/** `named`: the tests that the mutant names. `all`: where those see nothing, every unit test. */
export type Breadth = 'named' | 'all';

/** Puts the fault into the copy of a tree, runs the tests, takes it out again. */
export async function tryMutant(mutant: Mutant, copy: string, breadth: Breadth, signal: AbortSignal): Promise<Tried> {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, 'utf8');
  const run = async (tests: readonly string[], limitMs: number): Promise<Verdict> => {
    const report = await runVitest(copy, [...tests, '--bail=1', '--maxWorkers=1'], limitMs, signal);
    return typeof report === 'string' ? { is: 'broken', why: report } : verdictOf(report);
  };
  writeFileSync(path, mutated(copy, mutant));
  try {
    let verdict = await run(mutant.tests, LIMIT_MS);
    if (verdict.is === 'green' && breadth === 'all') verdict = await run(['src'], ALL_LIMIT_MS);
    if (verdict.is === 'green') return { outcome: 'SURVIVED', by: mutant.title };
    return verdict.is === 'red' ? { outcome: 'killed', by: verdict.test } : { outcome: 'ERROR', by: verdict.why };
  } finally {
    writeFileSync(path, text);
  }
}

/**
 * The tests without any fault: one that is red then kills nothing. Gives the files of which that holds, and why; a text where it can't be said
 * of any.
 */
export async function tryWithout(
  tests: readonly string[],
  copy: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | string> {
  const report = await runVitest(copy, [...tests, '--maxWorkers=2'], ALL_LIMIT_MS, signal);
  if (typeof report === 'string') return report;
  const found = notGreen(report, copy);
  const verdict = verdictOf(report);
  return verdict.is === 'broken' && found.size === 0 ? verdict.why : found;
}
