/** A case file as text → its cases, cut into keys and sections; what a section means is said in `request-case.ts` and `answer-case.ts`. */

export interface Section {
  /** Line in the file, from 1. */
  readonly line: number;
  /** The word after `---`. */
  readonly kind: string;
  /** What else stands on that line. */
  readonly modifier: string;
  readonly lines: readonly string[];
}

export interface RawCase {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly keys: ReadonlyMap<string, string>;
  readonly sections: readonly Section[];
}

/** A fault of a case file; the message names the place. */
export class CaseFault extends Error {
  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`);
    this.name = 'CaseFault';
  }
}

export interface Form {
  /** Keys that a case, or its file for all its cases, may have. */
  readonly keys: readonly string[];
  /** Kinds of sections, each with how often it may be there. */
  readonly sections: Readonly<Record<string, 'once' | 'at most once' | 'any'>>;
}

/** @throws CaseFault where the file is not of that form. */
export function parseCaseFile(text: string, file: string, form: Form): RawCase[] {
  const cases: RawCase[] = [];
  const shared = new Map<string, string>();
  let keys = shared;
  let sections: Array<Section & { readonly lines: string[] }> = [];
  const lines = text.split('\n');
  if (lines.at(-1) !== '') throw new CaseFault(file, lines.length, 'the last line is not ended');
  if (text.includes('\r')) throw new CaseFault(file, text.slice(0, text.indexOf('\r')).split('\n').length, 'a CR: write it as \\r');
  lines.slice(0, -1).forEach((line, index) => {
    const at = index + 1;
    const named = /^=== (\S.*)$/.exec(line)?.[1];
    if (named !== undefined) {
      keys = new Map(shared);
      sections = [];
      cases.push({ file, line: at, name: named, keys, sections });
      return;
    }
    const [, kind, modifier = ''] = /^--- (\S+)(?: (\S.*))?$/.exec(line) ?? [];
    if (kind !== undefined) {
      if (cases.length === 0) throw new CaseFault(file, at, 'a section before the first case');
      if (!Object.hasOwn(form.sections, kind)) throw new CaseFault(file, at, `no section is called ${kind}`);
      sections.push({ line: at, kind, modifier, lines: [] });
      return;
    }
    if (/^(?:===|---)/.test(line))
      throw new CaseFault(file, at, 'neither "=== name" nor "--- section"; as bytes write \\x3d or \\x2d first');
    const section = sections.at(-1);
    if (section !== undefined) {
      section.lines.push(line);
      return;
    }
    if (line === '' || line.startsWith('#')) return;
    const [, key, value] = /^([a-z]+): (\S.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw new CaseFault(file, at, 'neither a key nor a comment');
    if (!form.keys.includes(key)) throw new CaseFault(file, at, `no key is called ${key}: ${form.keys.join(', ')}`);
    keys.set(key, value);
  });
  for (const one of cases) checkSections(one, form);
  if (cases.length === 0) throw new CaseFault(file, 1, 'no case');
  return cases;
}

function checkSections({ file, line, name, sections, keys }: RawCase, form: Form): void {
  if (!keys.has('rule')) throw new CaseFault(file, line, `"${name}" names no rule`);
  for (const [kind, how] of Object.entries(form.sections)) {
    const count = sections.filter((section) => section.kind === kind).length;
    if (how !== 'any' && count > 1) throw new CaseFault(file, line, `"${name}" has ${count} sections ${kind}`);
    if (how === 'once' && count === 0) throw new CaseFault(file, line, `"${name}" has no section ${kind}`);
  }
}

/** Lines of a section that is no bytes, without comments and without the empty ones at its end, which part it from the next case. */
export function textLines(section: Section): string[] {
  const lines = section.lines.filter((line) => !line.startsWith('#'));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The section of that kind, where a case has at most one. */
export function oneSection(one: RawCase, kind: string): Section | undefined {
  return one.sections.find((section) => section.kind === kind);
}

/** A key that is one of a few words; the first of them where the case does not say. */
export function oneOf<const T extends string>(one: RawCase, key: string, allowed: readonly T[]): T {
  const value = one.keys.get(key) ?? allowed[0];
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw new CaseFault(one.file, one.line, `${key} is ${value}, not one of ${allowed.join(', ')}`);
  return found;
}
