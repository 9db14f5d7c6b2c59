import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { isAbsolute } from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import { type Problem, showPointer } from '../../config/problem.ts';
import { type Io, shortPath } from '../output.ts';
import { describe } from './codes.ts';
import type { Checked } from './reporters.ts';

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

/** SARIF 2.1.0 (OASIS), as code scanning takes it: one run, a rule for each code that was met. */
export function reportSarif(checked: readonly Checked[], io: Io): void {
  const problems = checked.flatMap((one) => one.problems);
  const codes = [...new Set(problems.map(({ code }) => code))].sort();
  const seen = new Map<string, number>();
  const run = {
    tool: { driver: { name: 'plumbline', version: manifest.version, semanticVersion: manifest.version, rules: codes.map(ruleOf) } },
    // §3.14.17: lines and columns count UTF-16 code units, as everywhere in this program.
    columnKind: 'utf16CodeUnits',
    results: problems.map((problem) => {
      const uri = uriOf(problem.file, io.cwd);
      return {
        ruleId: problem.code,
        ruleIndex: codes.indexOf(problem.code),
        level: LEVELS[problem.severity],
        message: { text: textOf(problem) },
        locations: [locationOf(problem, uri)],
        partialFingerprints: { 'plumbline/v1': fingerprintOf(problem, uri, seen) },
        ...(problem.contract !== undefined && { properties: { contract: problem.contract } }),
      };
    }),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  io.stdout.write(`${JSON.stringify(log, null, 2)}\n`);
}

function ruleOf(code: string) {
  const { title, help } = describe(code);
  return {
    id: code,
    name: code.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: help },
    help: { text: help, markdown: help },
  };
}

function textOf({ message, pointer, suggestion }: Problem): string {
  const subject = pointer === '' ? '' : `${showPointer(pointer)}: `;
  return `${subject}${message}${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`;
}

function locationOf({ line, column, pointer }: Problem, { uri, base }: Uri) {
  return {
    physicalLocation: {
      artifactLocation: { uri, ...(base !== undefined && { uriBaseId: base }) },
      ...(line > 0 && { region: { startLine: line, ...(column > 0 && { startColumn: column }) } }),
    },
    ...(pointer !== '' && { logicalLocations: [{ fullyQualifiedName: pointer }] }),
  };
}

interface Uri {
  readonly uri: string;
  readonly base: string | undefined;
}

/** Relative where the file lies below the working directory: reports are read on other machines. */
function uriOf(file: string, cwd: string): Uri {
  if (/^https?:\/\//i.test(file)) return { uri: file, base: undefined };
  const short = shortPath(file, cwd);
  if (isAbsolute(short)) return { uri: pathToFileURL(short).href, base: undefined };
  const uri = short.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return { uri, base: '%SRCROOT%' };
}

/** The same as long as the problem is, wherever its lines move: of two at one place with one code the second is another one. */
function fingerprintOf({ code, pointer }: Problem, { uri }: Uri, seen: Map<string, number>): string {
  const key = `${code}\n${uri}\n${pointer}`;
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return createHash('sha256').update(`${key}\n${count}`).digest('hex').slice(0, 32);
}
