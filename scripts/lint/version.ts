import type { Problem } from './problem.ts';
import type { Sources } from './tree.ts';

const VERSION = String.raw`\d+\.\d+\.\d+(?:-[\w.]+)?`;
const LOCK = 'package-lock.json';

interface Place {
  readonly file: string;
  /** Its first group is the version that is said there. */
  readonly pattern: RegExp;
  readonly what: string;
}

/** Where the version must stand, beside package.json. What `--version`, the metrics and the injector say is read from there. */
const PLACES: readonly Place[] = [
  { file: LOCK, pattern: new RegExp(String.raw`^\s*"version": "(${VERSION})"`, 'm'), what: 'the lock' },
  { file: 'Dockerfile', pattern: new RegExp(String.raw`\bimage\.version="(${VERSION})"`), what: 'the label of the image' },
  { file: 'CHANGELOG.md', pattern: new RegExp(String.raw`^## .*?(${VERSION})\b.*$`, 'm'), what: 'the newest heading' },
  { file: 'helm/plumbline/Chart.yaml', pattern: new RegExp(String.raw`^version: ["']?(${VERSION})["']?\s*$`, 'm'), what: 'version' },
  { file: 'helm/plumbline/Chart.yaml', pattern: new RegExp(String.raw`^appVersion: ["']?(${VERSION})["']?\s*$`, 'm'), what: 'appVersion' },
];

/** An image of ours, a packaged chart, and the tag that a GitOps tool follows. */
const NAMED = new RegExp(String.raw`(?:/plumbline:|\bplumbline-|(?:targetRevision|tag): v)(${VERSION})(?![\w-]|\.\d)`, 'g');
const isForUsers = (file: string) => /^(?:README\.md|(?:docs|helm|examples|config)\/.*)$/.test(file);

/** The version of package.json is the one that everything else says. */
export function checkVersions(sources: Sources): Problem[] {
  const { version } = JSON.parse(sources['package.json'] ?? '{}') as { version?: string };
  if (version === undefined) return [{ file: 'package.json', line: 1, rule: 'version', message: 'names no version' }];
  return [
    ...PLACES.flatMap((place) => wrongPlace(place, sources[place.file], version)),
    ...wrongRoot(sources[LOCK], version),
    ...Object.entries(sources).flatMap(([file, text]) => (isForUsers(file) ? wrongNames(file, text, version) : [])),
  ];
}

function wrongPlace({ file, pattern, what }: Place, text: string | undefined, version: string): Problem[] {
  if (text === undefined) return [{ file, line: 1, rule: 'version', message: `is not there, and ${what} must say ${version}` }];
  const found = pattern.exec(text);
  if (found === null) return [{ file, line: 1, rule: 'version', message: `${what} names no version; package.json says ${version}` }];
  return differs(file, text, found, `${what} says ${found[1]}`, version);
}

/** The lock says it a second time, of the package at its root. */
function wrongRoot(text: string | undefined, version: string): Problem[] {
  if (text === undefined) return [];
  const said = (JSON.parse(text) as { packages?: Record<string, { version?: string }> }).packages?.['']?.version;
  if (said === version) return [];
  return [
    { file: LOCK, line: 1, rule: 'version', message: `its root package is ${said ?? 'without a version'}; package.json says ${version}` },
  ];
}

function wrongNames(file: string, text: string, version: string): Problem[] {
  return [...text.matchAll(NAMED)].flatMap((found) => differs(file, text, found, `names ${found[0]}`, version));
}

function differs(file: string, text: string, found: RegExpExecArray, message: string, version: string): Problem[] {
  if (found[1] === version) return [];
  const line = text.slice(0, found.index).split('\n').length;
  return [{ file, line, rule: 'version', message: `${message}; package.json says ${version}` }];
}
