import { relative, resolve } from 'node:path';
import type { Problem } from '../../config/problem.ts';
import { countProblems } from '../../config/render.ts';
import { showPointer } from '../../config/problem.ts';
import type { Io } from '../output.ts';
import { describe } from './codes.ts';
import type { Checked } from './reporters.ts';

const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const;

/**
 * Workflow commands of GitHub Actions: annotations at the lines of a pull request. Paths are relative to the checkout, which need not be where the
 * command runs.
 */
export function reportWorkflow(checked: readonly Checked[], io: Io): void {
  const problems = checked.flatMap((one) => one.problems);
  for (const problem of problems) io.stdout.write(`${command(problem, io)}\n`);
  io.stdout.write(`plumbline check: ${problems.length === 0 ? 'no problems' : countProblems(problems)}\n`);
}

function command({ severity, code, message, file, line, column, pointer, suggestion }: Problem, { env, cwd }: Io): string {
  const root = env['GITHUB_WORKSPACE'];
  const path = resolve(cwd, file);
  const below = root === undefined || root === '' ? relative(cwd, path) : relative(root, path);
  const place = line > 0 ? [`line=${line}`, `col=${column}`] : [];
  const properties = [`file=${property(isUrl(file) ? file : below)}`, ...place, `title=${property(`${code}: ${describe(code).title}`)}`];
  const subject = pointer === '' ? '' : `${showPointer(pointer)}: `;
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
  return `::${COMMANDS[severity]} ${properties.join(',')}::${data(`${subject}${message}${hint}`)}`;
}

function isUrl(file: string): boolean {
  return /^https?:\/\//i.test(file);
}

/** A document may hold what a terminal would obey. */
const CONTROL = /[^\P{Cc}\r\n]/gu;

/** As GitHub's toolkit escapes them (actions/toolkit, packages/core/src/command.ts). */
function data(text: string): string {
  return text.replaceAll(CONTROL, '·').replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
