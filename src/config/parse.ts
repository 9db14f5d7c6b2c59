import { type Issue, Issues, type Path } from '../core/schema.ts';
import { isMapping } from '../core/schema/object.ts';
import { printable } from '../core/schema/show.ts';
import { buildSettings } from './build.ts';
import { crossCheck } from './cross-checks.ts';
import { type Origin, type Override, applyOverrides } from './overrides.ts';
import { type Place, type Problem, toPointer } from './problem.ts';
import { configurationSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import type { Environment } from './variables.ts';
import { type WithoutFile, withoutFile } from './without-file.ts';
import { readYaml } from './yaml-tree.ts';

export interface Parsed {
  /** Undefined where there is an error. */
  readonly settings: Settings | undefined;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
}

export interface ConfigurationText {
  readonly text: string;
  /** As the user named it. */
  readonly file: string;
  /** What relative paths are taken from; absolute. */
  readonly dir: string;
  readonly env: Environment;
  readonly overrides?: readonly Override[];
}

type PlaceOf = (path: Path, on: 'key' | 'value') => Place;

/** Text to settings; pure. Reports every problem at once and never throws, whatever the text. */
export function parseConfiguration({ text, file, dir, env, overrides = [] }: ConfigurationText): Parsed {
  const issues = new Issues();
  const tree = readYaml(text, env, issues);
  const faults = tree.faults.map(
    ({ code, message, path, line, column }): Problem => ({
      severity: 'error',
      code,
      message: printable(message),
      file,
      line,
      column,
      pointer: toPointer(path),
    }),
  );
  if (tree.unreadable) return { settings: undefined, problems: faults };
  if (tree.root === undefined || tree.root === null) {
    const message = 'the file is empty; `listeners` and `routes` are required';
    return {
      settings: undefined,
      problems: [...faults, { severity: 'error', code: 'empty', message, file, line: 1, column: 1, pointer: '' }],
    };
  }
  return read(tree.root, { dir, overrides, issues, faults, origins: [], place: (path, on) => ({ file, ...tree.place(path, on) }) });
}

/** The few words of `run --spec … --upstream …` to settings; `dir` is the working directory. */
export function parseWithoutFile(
  given: WithoutFile,
  { dir, overrides }: { readonly dir: string; readonly overrides: readonly Override[] },
): Parsed {
  const { root, origins } = withoutFile(given);
  return read(root, {
    dir,
    overrides,
    issues: new Issues(),
    faults: [],
    origins,
    place: () => ({ file: 'command line', line: 0, column: 0 }),
  });
}

interface Reading {
  readonly dir: string;
  readonly overrides: readonly Override[];
  readonly issues: Issues;
  readonly faults: readonly Problem[];
  readonly origins: readonly Origin[];
  readonly place: PlaceOf;
}

function read(root: unknown, { dir, overrides, issues, faults, origins, place }: Reading): Parsed {
  const given = [...applyOverrides(root, overrides, issues), ...origins];
  const placeOf: PlaceOf = (path, on) => {
    const from = given.find((o) => o.path.length <= path.length && o.path.every((part, i) => String(part) === String(path[i])));
    return from === undefined ? place(path, on) : { file: from.origin, line: 0, column: 0 };
  };
  const config = configurationSchema.parse(root, [], issues);
  if (isMapping(root)) crossCheck(config, root, issues);
  const problems = [...faults, ...issues.list.map((issue) => toProblem(issue, placeOf))].sort(byPlace);
  if (issues.dropped > 0) problems.push(tooMany(issues.dropped, place([], 'value')));
  const failed = issues.failed || faults.length > 0;
  const settings = failed ? undefined : buildSettings(config, dir, (pointer) => placeOf(fromPointer(pointer), 'key'));
  return { settings, problems };
}

function toProblem({ severity, code, message, path, on, found, allowed, suggestion }: Issue, placeOf: PlaceOf): Problem {
  const place = placeOf(path, on);
  return {
    severity,
    code,
    message: printable(message),
    ...place,
    // A flag says its place itself.
    pointer: place.line === 0 && /^(?:--|PLUMBLINE_)/.test(place.file) ? '' : toPointer(path),
    ...(suggestion !== undefined && { suggestion }),
    ...(found !== undefined && { found }),
    ...(allowed !== undefined && { allowed }),
  };
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

function tooMany(dropped: number, place: Place): Problem {
  return { severity: 'error', code: 'too_many_problems', message: `${dropped} more problems are not shown`, ...place, pointer: '' };
}

function fromPointer(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
