/** The house's rules that no other tool keeps: `node scripts/lint-house.ts`. Each rule and its reason stand in `lint/`. */
import { fileURLToPath } from 'node:url';
import { checkEscapes, checkLength, checkName } from './lint/code.ts';
import { checkDependencies, checkLock } from './lint/dependencies.ts';
import { type Problem, report } from './lint/problem.ts';
import { checkShell } from './lint/shell.ts';
import { checkText, machineWords } from './lint/text.ts';
import { readTree, type Sources } from './lint/tree.ts';
import { checkVersions } from './lint/version.ts';

/** Judges every file in `sources`; `machine` are words that belong to one machine and must stand nowhere. */
export function lintHouse(sources: Sources, machine: readonly string[] = []): Problem[] {
  const each = Object.entries(sources).flatMap(([file, text]) => [
    ...checkName(file),
    ...checkLength(file, text),
    ...checkEscapes(file, text),
    ...checkText(file, text, machine),
    ...checkShell(file, text),
  ]);
  return [...each, ...checkLock(sources)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sources = readTree(() => true);
  const problems = [...lintHouse(sources, machineWords()), ...checkDependencies(sources), ...checkVersions(sources)];
  report(problems, `house rules in ${Object.keys(sources).length} files`);
}
