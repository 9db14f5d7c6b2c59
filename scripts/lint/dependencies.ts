import { type Lock, missingEntries } from '../complete-lock.ts';
import type { Problem } from './problem.ts';
import type { Sources } from './tree.ts';

const PAGE = 'docs/dependencies.md';
const GROUPS = ['dependencies', 'optionalDependencies', 'devDependencies'] as const;

type Manifest = Partial<Record<(typeof GROUPS)[number], Record<string, string>>>;

/** docs/dependencies.md says of each package why it is here, and of none that is not. Its tables begin each row with the name. */
export function checkDependencies(sources: Sources): Problem[] {
  const wanted = new Map<string, string>();
  const problems: Problem[] = [];
  for (const file of ['package.json', 'bench/package.json']) {
    const manifest = JSON.parse(sources[file] ?? '{}') as Manifest;
    for (const group of GROUPS) {
      for (const [name, version] of Object.entries(manifest[group] ?? {})) {
        wanted.set(name, file);
        if (!/^\d/.test(version))
          problems.push({ file, line: 1, rule: 'dependencies', message: `${name}: pin one version, not ${version}` });
      }
    }
  }
  const rows = documented(sources[PAGE] ?? '');
  for (const [name, file] of wanted) {
    if (!rows.has(name))
      problems.push({ file, line: 1, rule: 'dependencies', message: `${name} has no row in ${PAGE}: why this one, what was passed over?` });
  }
  for (const [name, line] of rows) {
    if (!wanted.has(name)) problems.push({ file: PAGE, line, rule: 'dependencies', message: `${name} is in no package.json` });
  }
  return problems;
}

/** Names in the first cell of each table row, by line. */
function documented(page: string): Map<string, number> {
  const rows = new Map<string, number>();
  page.split('\n').forEach((line, i) => {
    const cell = /^\|([^|]*)\|/.exec(line)?.[1] ?? '';
    for (const [, name] of cell.matchAll(/`([^`]+)`/g)) rows.set(name as string, i + 1);
  });
  return rows;
}

/** `npm ci` refuses a lock without an entry for each optional package; scripts/complete-lock.ts says how that comes about. */
export function checkLock(sources: Sources): Problem[] {
  return Object.entries(sources)
    .filter(([file]) => file === 'package-lock.json')
    .flatMap(([file, text]) => {
      const lock = JSON.parse(text) as Lock;
      const missing = missingEntries(lock).map(([name]) => name);
      if (missing.length === 0) return [];
      return [{ file, line: 1, rule: 'lock', message: `no entry for ${missing.join(', ')}: run node scripts/complete-lock.ts` }];
    });
}
