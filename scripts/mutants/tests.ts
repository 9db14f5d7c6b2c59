import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Child } from '../ci/child.ts';

/** Of vitest's JSON report. */
export interface Report {
  readonly success: boolean;
  readonly testResults: readonly FileReport[];
}

interface FileReport {
  readonly status: string;
  /** Absolute path. */
  readonly name: string;
  readonly message: string;
  readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>;
}

/** What a run of tests came to. `broken`: it says nothing, since a file did not load, none ran, or time was up. */
export type Verdict =
  | { readonly is: 'green' }
  | { readonly is: 'red'; readonly test: string }
  | { readonly is: 'broken'; readonly why: string };

/** A test that failed makes it red, whatever else went wrong; a file without one, or an error outside of tests, shows nothing. */
export function verdictOf(report: Report): Verdict {
  const files = report.testResults.map(verdictOfFile);
  const worst = files.find(({ is }) => is === 'red') ?? files.find(({ is }) => is === 'broken');
  if (worst !== undefined) return worst;
  if (files.length === 0) return { is: 'broken', why: 'no test ran' };
  return report.success ? { is: 'green' } : { is: 'broken', why: 'no test failed, but the run did' };
}

function verdictOfFile({ status, message, assertionResults }: FileReport): Verdict {
  const failed = assertionResults.find((test) => test.status === 'failed');
  if (failed !== undefined) return { is: 'red', test: failed.fullName };
  if (status === 'failed') return { is: 'broken', why: `a test file does not load: ${message.split('\n')[0]}` };
  return assertionResults.some((test) => test.status === 'passed') ? { is: 'green' } : { is: 'broken', why: 'no test ran' };
}

/** Test files that are not green, by their path in `tree`, and why. */
export function notGreen({ testResults }: Report, tree: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of testResults) {
    const verdict = verdictOfFile(file);
    if (verdict.is !== 'green') found.set(relative(tree, file.name), verdict.is === 'red' ? verdict.test : verdict.why);
  }
  return found;
}

/** Longer than the tests' own: on a busy machine a test that was too slow must not pass for one that saw a fault. */
const TEST_LIMIT_MS = 30_000;

/** Runs `vitest run` in `tree`; ended at `signal` and after `limitMs`, with all that it started. Never rejects: a text says why there is no report. */
export async function runVitest(tree: string, args: readonly string[], limitMs: number, signal: AbortSignal): Promise<Report | string> {
  const output = join(tree, 'report.json');
  rmSync(output, { force: true });
  const vitest = join(tree, 'node_modules', 'vitest', 'vitest.mjs');
  const own = ['--reporter=json', `--outputFile=${output}`, `--testTimeout=${TEST_LIMIT_MS}`, `--hookTimeout=${TEST_LIMIT_MS}`];
  const child = new Child(process.execPath, [vitest, 'run', ...args, ...own], tree);
  const stop = (): void => child.kill();
  signal.addEventListener('abort', stop);
  try {
    await child.exits(limitMs);
    if (existsSync(output)) return JSON.parse(readFileSync(output, 'utf8')) as Report;
    return `vitest made no report: ${child.output.slice(-500)}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    signal.removeEventListener('abort', stop);
    child.kill();
  }
}
