import { printable } from '../core/schema/show.ts';
import { type Problem, showPointer } from './problem.ts';

/** The escape sequences that a terminal gets; a pipe gets none. */
export interface Colours {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
}

const paint = (code: string) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const plain = (text: string): string => text;

export const COLOURED: Colours = { error: paint('1;31'), warning: paint('1;33'), strong: paint('1'), dim: paint('2') };
export const PLAIN: Colours = { error: plain, warning: plain, strong: plain, dim: plain };

const MAX_FRAME = 110;

/** A line may hold a secret; whoever reads the report need not see it. A variable's name is none. */
const SECRET = /(\b(?:token|secret|password)["']?\s*:\s*)(?!["']?\$\{)("[^"]*"|'[^']*'|[^\s,}#]+)/gi;
/** User information of a URL (RFC 3986 §3.2.1), also where a character in it should have been encoded. */
const USERINFO = /(:\/\/)([^\s"']{1,1000})(?=@)/g;
/** The same where the scheme is not whole, and what follows the scheme of a Redis where that is not a plain address: it may be a password without its @. */
const NO_SCHEME = /(\burl["']?\s*:\s*["']?)(?![a-z][a-z0-9+.-]*:\/\/)([^\s"']{1,1000})(?=@)/gi;
const NO_ADDRESS =
  /(\brediss?:\/*)(?!\/|(?:\**@)?(?:[a-z0-9.-]+|\[[0-9a-f:]+\]|\$\{[^}]*\})(?::\d{1,5})?(?:\/\d{0,5})?(?:["'\s,}]|$))([^\s"']+)/gi;

/**
 * A problem for people: `plumbline.yaml:12:3 error listners: unknown key; did you mean "listeners"?` and the line it is about.
 * `source` is the text of the problem's file, where it is at hand.
 */
export function renderProblem(problem: Problem, source: string | undefined, colours: Colours): string {
  const { file, line, column, severity, pointer, message, suggestion } = problem;
  const place = printable(line > 0 ? `${file}:${line}:${column}` : file);
  const subject = pointer === '' ? '' : `${colours.strong(printable(showPointer(pointer)))}: `;
  const hint = suggestion === undefined ? '' : `; did you mean "${printable(suggestion)}"?`;
  const word = severity === 'error' ? colours.error('error') : colours.warning(severity);
  const head = `${place} ${word} ${subject}${printable(message)}${hint}`;
  const frame = source === undefined || line === 0 ? undefined : codeFrame(source, line, column, colours);
  return frame === undefined ? head : `${head}\n${frame}`;
}

/** All of them, and how many at the end. */
export function renderProblems(problems: readonly Problem[], sourceOf: (file: string) => string | undefined, colours: Colours): string {
  const blocks = problems.map((problem) => renderProblem(problem, sourceOf(problem.file), colours));
  return `${blocks.join('\n')}\n${colours.dim(countProblems(problems))}\n`;
}

/** `2 errors, 1 warning`. */
export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter((p) => p.severity === 'error').length;
  const warnings = problems.filter((p) => p.severity === 'warning').length;
  const infos = problems.length - errors - warnings;
  const some = (n: number, word: string): string[] => (n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`]);
  return [...some(errors, 'error'), ...some(warnings, 'warning'), ...some(infos, 'info')].join(', ');
}

function codeFrame(source: string, line: number, column: number, colours: Colours): string | undefined {
  // A byte order mark is in no column: it was taken off before the text was parsed.
  const text = source
    .replace(/^\uFEFF/, '')
    .split('\n', line)
    [line - 1]?.replace(/\r$/, '')
    .replaceAll('\t', ' ');
  if (text === undefined || text.trim() === '') return undefined;
  const from = column > MAX_FRAME - 20 ? column - 40 : 0;
  const mask = (_: string, before: string, secret: string): string => before + '*'.repeat(secret.length);
  const masked = text.replace(SECRET, mask).replace(USERINFO, mask).replace(NO_SCHEME, mask).replace(NO_ADDRESS, mask);
  const shown = masked.slice(from, from + MAX_FRAME);
  // Characters that are shown as more than one would shift the mark.
  const safe = [...shown].map((c) => (printable(c) === c ? c : '·')).join('');
  const width = /^(?:"[^"]*"|'[^']*'|(?:[^\s,:}\]]|:(?=\S))+)/.exec(safe.slice(column - 1 - from))?.[0].length ?? 1;
  const gutter = String(line);
  const mark = `${' '.repeat(Math.max(column - 1 - from, 0))}${'^'.repeat(Math.min(width, 40))}`;
  return `${colours.dim(`  ${gutter} |`)} ${safe}\n${colours.dim(`  ${' '.repeat(gutter.length)} |`)} ${colours.error(mark)}`;
}
