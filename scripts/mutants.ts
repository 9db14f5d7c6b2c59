/**
 * Do the tests see faults? `npm run mutants`: each patch of `test/mutants` is put into a copy of the tree, and one of the tests that it names
 * must turn red. `npm run mutants -- NAME…` runs some; with `--all-tests` a mutant that survives meets every unit test too.
 * Exit code 1 where one survives, or says nothing; 2 for a wrong command line.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles, root } from './lint/tree.ts';
import { copyTree } from './mutants/copy.ts';
import { readCorpus } from './mutants/corpus.ts';
import { type Breadth, type Tried, tryMutant, tryWithout } from './mutants/trial.ts';

/** Two cores are what a small machine has. */
const WORKERS = 2;
const OPTION = '--all-tests';

export function line(name: string, { outcome, by }: Tried, ms: number): string {
  return `${outcome.padEnd(8)} ${name.padEnd(36)} ${(ms / 1000).toFixed(1).padStart(5)} s  ${by}`;
}

/** `12 killed, 0 survived`, and errors where there are some. */
export function total(outcomes: readonly Tried['outcome'][]): string {
  const count = (wanted: Tried['outcome']): number => outcomes.filter((outcome) => outcome === wanted).length;
  const errors = count('ERROR');
  return `${count('killed')} killed, ${count('SURVIVED')} survived${errors === 0 ? '' : `, ${errors} in error`}`;
}

async function main(args: readonly string[], work: string, signal: AbortSignal): Promise<number> {
  const names = args.filter((arg) => arg !== OPTION);
  const breadth: Breadth = names.length < args.length ? 'all' : 'named';
  const copies = Array.from({ length: WORKERS }, (_, i) => join(work, String(i))) as [string, ...string[]];
  const files = listFiles();
  for (const copy of copies) {
    mkdirSync(copy);
    copyTree(files, root, join(root, 'node_modules'), copy);
  }
  const { mutants, faults } = readCorpus(copies[0]);
  const unknown = names.filter((name) => !mutants.some((mutant) => mutant.name === name) && !faults.has(name));
  if (unknown.length > 0) {
    console.error(`no such mutant: ${unknown.join(', ')}`);
    return 2;
  }
  const isWanted = (name: string): boolean => names.length === 0 || names.includes(name);
  const queue = mutants.filter(({ name }) => isWanted(name));
  const outcomes: Tried['outcome'][] = [];
  const tell = (name: string, tried: Tried, ms: number): void => {
    outcomes.push(tried.outcome);
    console.log(line(name, tried, ms));
  };
  for (const [name, by] of faults) if (isWanted(name)) tell(name, { outcome: 'ERROR', by }, 0);

  const red =
    queue.length === 0
      ? new Map<string, string>()
      : await tryWithout(
          queue.flatMap(({ tests }) => tests),
          copies[0],
          signal,
        );
  const redOf = (tests: readonly string[]): string | undefined => {
    if (typeof red === 'string') return red;
    const file = tests.find((test) => red.has(test));
    return file === undefined ? undefined : `without it too: ${file}: ${red.get(file)}`;
  };
  const tryAll = async (copy: string): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined && !signal.aborted; mutant = queue.shift()) {
      const begin = performance.now();
      const by = redOf(mutant.tests);
      const tried = by === undefined ? await tryMutant(mutant, copy, breadth, signal) : ({ outcome: 'ERROR', by } as const);
      tell(mutant.name, tried, performance.now() - begin);
    }
  };
  await Promise.all(copies.map(tryAll));
  console.log(total(outcomes));
  return outcomes.every((outcome) => outcome === 'killed') ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopped.abort());
  const work = mkdtempSync(join(realpathSync(tmpdir()), 'plumbline-mutants-'));
  try {
    process.exitCode = await main(process.argv.slice(2), work, stopped.signal);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (stopped.signal.aborted) process.exitCode = 130;
}
