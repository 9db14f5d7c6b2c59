/** A mutant: a patch file that changes one line of `src`, with a header that says what goes wrong and which tests must see it. */

export interface Mutant {
  /** Of its file, without `.patch`. */
  readonly name: string;
  /** What goes wrong for a user. */
  readonly title: string;
  /** The rule of the design that it breaks, or the part that it breaks. */
  readonly rule: string;
  /** Test files, from the repository's root. */
  readonly tests: readonly string[];
  /** The file that it changes. */
  readonly file: string;
  /** The lines around, the changed one among them, and which of them that is. */
  readonly before: readonly string[];
  readonly changed: number;
  readonly line: string;
}

/** A patch that is no mutant, or no longer fits. `message` names its file. */
export class MutantError extends Error {
  override readonly name = 'MutantError';
}

const KEYS = ['title', 'rule', 'tests'] as const;

/** @throws MutantError where `text` is not a header, an empty line and a unified diff of one line of one file of `src`. */
export function parseMutant(name: string, text: string): Mutant {
  const wrong = (why: string): never => {
    throw new MutantError(`${name}.patch: ${why}`);
  };
  const lines = text.replace(/\n$/, '').split('\n');
  const start = lines.findIndex((line) => line.startsWith('--- '));
  const header = headerOf(lines.slice(0, Math.max(start, 0)), wrong);
  const file = /^--- a\/(src\/\S+\.ts)$/.exec(lines[start] ?? '')?.[1] ?? wrong('has no line `--- a/src/….ts`');
  if (lines[start + 1] !== `+++ b/${file}`) wrong('changes another file than it is taken from');
  const body = lines.slice(start + 3).map((line) => (line === '' ? ' ' : line)); // editors take the space of an empty line away
  const removed = body.findIndex((line) => line.startsWith('-'));
  const added = body.filter((line) => line.startsWith('+'));
  const [line = ''] = added;
  if (!/^@@ .* @@/.test(lines[start + 2] ?? '') || body.some((each) => !/^[ +-]/.test(each))) wrong('has no hunk, or more than one');
  if (added.length !== 1 || body.filter((each) => each.startsWith('-')).length !== 1 || body[removed + 1] !== line)
    wrong('must take one line away and put one in its place');
  if (line.slice(1).trim() === (body[removed] as string).slice(1).trim()) wrong('changes nothing but white space');
  const before = body.filter((each) => !each.startsWith('+')).map((each) => each.slice(1));
  return { name, ...header, file, before, changed: removed, line: line.slice(1) };
}

function headerOf(lines: readonly string[], wrong: (why: string) => never): Pick<Mutant, 'title' | 'rule' | 'tests'> {
  const found = new Map<string, string>();
  for (const line of lines) {
    if (line === '' || /^(diff --git|index) /.test(line)) continue; // `git diff` writes them
    const [, key = '', value = ''] = /^(\w+): (\S.*)$/.exec(line) ?? wrong(`does not understand: ${line}`);
    found.set(key, value);
  }
  const [title, rule, tests] = KEYS.map((key) => found.get(key) ?? wrong(`says nothing of its ${key}`)) as [string, string, string];
  if (found.size > KEYS.length) wrong(`knows ${KEYS.join(', ')} alone`);
  return { title, rule, tests: tests.split(/[\s,]+/) };
}

/**
 * The text with the fault in it. Where the lines stand does not matter, that they are there does, and once only. @throws MutantError where that
 * is not so.
 */
export function applyMutant({ name, file, before, changed, line }: Mutant, text: string): string {
  const lines = text.split('\n');
  const places = lines.flatMap((_, i) => (before.every((each, j) => lines[i + j] === each) ? [i + changed] : []));
  const [at] = places;
  if (at === undefined) throw new MutantError(`${name}.patch: ${file} has changed there; make it anew, or another in its place`);
  if (places.length > 1) throw new MutantError(`${name}.patch: its lines stand ${places.length} times in ${file}; it needs more of them`);
  return lines.with(at, line).join('\n');
}
