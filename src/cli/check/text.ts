import type { Problem } from '../../config/problem.ts';
import { type Colours, countProblems, renderProblem } from '../../config/render.ts';
import { type Io, coloursFor, sourcesOf } from '../output.ts';
import type { Checked } from './reporters.ts';

/** Of one code, in one file of the command line; errors are all shown. */
const SHOWN = { error: Infinity, warning: 5, info: 3 } as const;
/** From so many on, a table says how many there are of each kind. */
const MANY = 20;

type Severity = Problem['severity'];

/** For people. */
export function reportText(checked: readonly Checked[], io: Io, shown: 'all' | 'some'): void {
  const colours = coloursFor(io.stdout, io.env);
  for (const { file, problems, summary } of checked) {
    const failed = problems.some(({ severity }) => severity === 'error');
    io.stdout.write(failed ? `${colours.error('✗')} ${colours.strong(file)}\n` : `✓ ${colours.strong(file)} ${colours.dim(summary)}\n`);
    if (problems.length === 0) continue;
    const listed = shown === 'all' ? problems : someOf(problems);
    const { shown: named, sourceOf } = sourcesOf(listed, io);
    for (const problem of named) io.stdout.write(`${renderProblem(problem, sourceOf(problem.file), colours)}\n`);
    const hidden = problems.length - listed.length;
    if (hidden > 0 || problems.length > MANY) io.stdout.write(table(problems, colours));
    const hint = hidden > 0 ? `; ${hidden} of them not shown here: --all shows them` : '';
    io.stdout.write(`${colours.dim(countProblems(problems) + hint)}\n`);
  }
}

function someOf(problems: readonly Problem[]): Problem[] {
  const counts = new Map<string, number>();
  return problems.filter(({ code, severity }) => {
    const key = `${severity} ${code}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= SHOWN[severity];
  });
}

/** How many of each kind: the worst first, then the most. */
function table(problems: readonly Problem[], colours: Colours): string {
  const rows = new Map<string, { readonly severity: Severity; readonly code: string; count: number }>();
  for (const { severity, code } of problems) {
    const row = rows.get(`${severity} ${code}`);
    if (row === undefined) rows.set(`${severity} ${code}`, { severity, code, count: 1 });
    else row.count += 1;
  }
  const order: readonly Severity[] = ['error', 'warning', 'info'];
  const sorted = [...rows.values()].sort(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.count - a.count || (a.code < b.code ? -1 : 1),
  );
  const wide = Math.max(...sorted.map(({ code }) => code.length));
  const lines = sorted.map(({ severity, code, count }) => {
    const word = severity.padEnd('warning'.length);
    const painted = severity === 'error' ? colours.error(word) : severity === 'warning' ? colours.warning(word) : word;
    return `  ${painted}  ${code.padEnd(wide)}  ${String(count).padStart(4)}`;
  });
  return `\n${lines.join('\n')}\n\n`;
}
