/** One place that breaks a rule. Lines count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export function show(p: Problem): string {
  return `${p.file}:${p.line} ${p.rule}: ${p.message}`;
}

/** Prints every problem, by file and line, and sets the exit code. `what` names what was read, for the line that says all is well. */
export function report(problems: readonly Problem[], what: string): void {
  const sorted = [...problems].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  for (const p of sorted) console.log(show(p));
  console.log(problems.length === 0 ? `${what}: no problem` : `${what}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`);
  if (problems.length > 0) process.exitCode = 1;
}
