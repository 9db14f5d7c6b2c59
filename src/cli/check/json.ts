import { type Io, shortPath } from '../output.ts';
import type { Checked } from './reporters.ts';

/** `{ok, problems, contracts}`: see docs/check.md. */
export function reportJson(checked: readonly Checked[], io: Io): void {
  const problems = checked.flatMap((one) => one.problems).map((problem) => ({ ...problem, file: shortPath(problem.file, io.cwd) }));
  const contracts = checked
    .flatMap((one) => one.contracts)
    .map(({ name, version, digest, operations }) => ({ name, version, digest, operations: operations.length }));
  const ok = problems.every(({ severity }) => severity !== 'error');
  io.stdout.write(`${JSON.stringify({ ok, problems, contracts }, null, 2)}\n`);
}
