import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Problem } from '../config/problem.ts';
import { COLOURED, type Colours, PLAIN, renderProblems } from '../config/render.ts';
import type { Environment } from '../config/variables.ts';

/** Exit codes of every command. */
export const EXIT = Object.freeze({
  ok: 0,
  /** The thing checked is not fine. */
  notFine: 1,
  /** Wrong usage, a file that cannot be read, a configuration that cannot be started with. */
  usage: 2,
  /** A bug in Plumbline (sysexits.h EX_SOFTWARE). */
  bug: 70,
  /** Ended by a second Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
});

/** One of the two streams, as far as commands need it. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
}

/** What a command may touch of the process. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  readonly cwd: string;
}

/** Said in one line on stderr; the process ends with 2. */
export class UsageError extends Error {}

/** https://no-color.org; FORCE_COLOR wins, as continuous integration sets it for logs that show colours. */
export function coloursFor(output: Output, env: Environment): Colours {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0') return COLOURED;
  const on = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return on ? COLOURED : PLAIN;
}

/** Large contracts are not read again for the sake of a line. */
const MAX_FRAME_SOURCE = 4 * 1024 * 1024;

export function printProblems(output: Output, problems: readonly Problem[], io: Io): void {
  if (problems.length === 0) return;
  const { shown, sourceOf } = sourcesOf(problems, io);
  output.write(renderProblems(shown, sourceOf, coloursFor(output, io.env)));
}

/** Problems with files as people name them, and the texts that they are about. */
export function sourcesOf(
  problems: readonly Problem[],
  { cwd }: Io,
): { readonly shown: readonly Problem[]; readonly sourceOf: (file: string) => string | undefined } {
  const sources = new Map<string, string | undefined>();
  const sourceOf = (file: string): string | undefined => {
    if (!sources.has(file)) sources.set(file, readSource(resolve(cwd, file)));
    return sources.get(file);
  };
  return { shown: problems.map((problem) => ({ ...problem, file: shortPath(problem.file, cwd) })), sourceOf };
}

/** A path below the working directory without it: what people typed, and what editors open at a click. */
export function shortPath(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const short = relative(cwd, file);
  return short === '' || short.startsWith('..') ? file : short;
}

/**
 * Only documents are quoted: a `$ref` of somebody else's contract may name any file of the machine that checks it, and no line of a
 * password file belongs in a log.
 */
const DOCUMENT = /\.(?:ya?ml|json)$/i;

/** The text that a problem is about; none where it is gone by now, or is no document. */
function readSource(file: string): string | undefined {
  if (!DOCUMENT.test(file)) return undefined;
  try {
    const { size } = statSync(file);
    return size > 0 && size <= MAX_FRAME_SOURCE ? readFileSync(file, 'utf8') : undefined;
  } catch {
    // The problem itself has been reported; only its line cannot be shown.
    return undefined;
  }
}
