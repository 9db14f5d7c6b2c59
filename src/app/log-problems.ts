import { type Problem, showPointer } from '../config/problem.ts';
import { PLAIN, renderProblem } from '../config/render.ts';
import type { Logger } from '../core/ports.ts';

/** Nobody reads more at a time; the next reading tells of the rest. */
const MAX_LINES = 50;

/** One line each, in the words that `run` prints at its start, with the place in fields for machines. */
export function logProblems(logger: Logger, problems: readonly Problem[]): void {
  for (const problem of problems.slice(0, MAX_LINES)) {
    const { code, file, line, column, pointer, contract } = problem;
    const fields = { code, file, line, column, key: showPointer(pointer), ...(contract !== undefined && { contract }) };
    const text = renderProblem(problem, undefined, PLAIN);
    if (problem.severity === 'error') logger.error(fields, text);
    else logger.warn(fields, text);
  }
  if (problems.length > MAX_LINES) logger.error({}, `${problems.length - MAX_LINES} more problems are not shown`);
}
