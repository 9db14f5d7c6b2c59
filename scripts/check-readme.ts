/**
 * What README.md, CONTRIBUTING.md, loadtests/README.md and docs/*.md tell people to type or to open must exist: `node scripts/check-readme.ts`.
 * npm scripts against package.json, commands and flags against what `plumbline --help` prints, links and paths against the files.
 */
import { execFile, spawnSync } from 'node:child_process';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { codeOf, headingAnchors, linksOf } from './lint/markdown.ts';
import { type Problem, report } from './lint/problem.ts';
import { listFiles, readSources, root, type Sources } from './lint/tree.ts';

/** Prints what a command says of itself. `words` is empty for the program as a whole. */
export type Help = (words: readonly string[]) => Promise<string>;

export interface Facts {
  readonly files: readonly string[];
  readonly scripts: readonly string[];
  /** Written at run time, and never committed. */
  readonly isIgnored: (path: string) => boolean;
  readonly help: Help;
}

export const isPage = (file: string): boolean => /^(README|CONTRIBUTING|loadtests\/README)\.md$|^docs\/.*\.md$/.test(file);

export async function checkPages(pages: Sources, facts: Facts): Promise<Problem[]> {
  const problems = checkIndex(pages);
  for (const [file, text] of Object.entries(pages)) {
    problems.push(...checkLinks(file, text, pages, facts.files));
    for (const { line, code } of codeOf(text)) {
      const add = (message: string) => void problems.push({ file, line, rule: 'docs', message });
      for (const script of npmScripts(code)) if (!facts.scripts.includes(script)) add(`npm run ${script}: package.json has no such script`);
      for (const path of paths(code)) if (!exists(path, facts.files) && !facts.isIgnored(path)) add(`${path}: no such file`);
      for (const message of await checkCommands(code, facts.help)) add(message);
    }
  }
  return problems;
}

/** A page that its index does not name is not found by anybody. */
function checkIndex(pages: Sources): Problem[] {
  const index = 'docs/README.md';
  const named = new Set(linksOf(pages[index] ?? '').map(({ target }) => posix.join('docs', target.split('#')[0] as string)));
  const missing = Object.keys(pages).filter((file) => file.startsWith('docs/') && file !== index && !named.has(file));
  return missing.map((file) => ({ file, line: 1, rule: 'docs', message: `${index} does not name this page` }));
}

function npmScripts(code: string): string[] {
  return [...code.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/g)].map(([, named, short]) => (named ?? short) as string);
}

/** Paths of the repository, as they are written in code: with a file's ending or a `/` at the end, and without a placeholder. */
function paths(code: string): string[] {
  return [...code.matchAll(/(?<![\w./-])((?:src|docs|scripts|test|loadtests|examples|bench|bin|config|\.ci)\/[\w./-]*[\w/])(?![\w<*{$-])/g)]
    .map(([, path]) => path as string)
    .filter((path) => /\.[a-z]+$|\/$/.test(path));
}

function exists(path: string, files: readonly string[]): boolean {
  return files.some((file) => file === path || file.startsWith(path.endsWith('/') ? path : `${path}/`));
}

async function checkCommands(code: string, help: Help): Promise<string[]> {
  const problems: string[] = [];
  for (const typed of code.split(/[|;`\n]|&&|\$\(/)) {
    const rest = /(?:^|[\s(])(?:npx |[\w.-]+\/)?plumbline(?::[\w.$-]+"?)? (.*)$/.exec(typed)?.[1];
    if (rest === undefined || OTHERS.test(typed)) continue;
    const words =
      rest
        .split(/\s#|[&>]/)[0]
        ?.trim()
        .split(/\s+/) ?? [];
    const command = /^[a-z][a-z-]*$/.test(words[0] ?? '') ? words.slice(0, 1) : [];
    if (command.length > 0 && !mentions(await help([]), command[0] as string)) {
      problems.push(`plumbline ${command[0]}: plumbline --help knows no such command`);
      continue;
    }
    // A command of a command: `plumbline outcomes settle`.
    const second = words[1] ?? '';
    if (command.length > 0 && /^[a-z][a-z-]*$/.test(second) && mentions(await help(command), second)) command.push(second);
    const said = words.some((word) => word.startsWith('--')) ? await help(command) : '';
    for (const word of words) {
      const flag = /^--[a-z][a-z0-9-]*/.exec(word)?.[0];
      if (flag !== undefined && flag !== '--help' && !mentions(said, flag)) {
        problems.push(`${flag}: plumbline ${[...command, '--help'].join(' ')} knows no such flag`);
      }
    }
  }
  return problems;
}

/** Programs to which `plumbline` is a release, a namespace or an image to be made. `docker run` runs it. */
const OTHERS = /^\s*(?:helm|kubectl|flux|git|docker (?:build|push|pull|tag|create|cp)) /;

/** As a word of its own at the beginning of an entry in a help text. */
function mentions(help: string, word: string): boolean {
  return new RegExp(`^\\s+(?:-\\w, )?(?:[\\w-]+\\|)?${word}(?![\\w-])`, 'm').test(help);
}

function checkLinks(file: string, text: string, pages: Sources, files: readonly string[]): Problem[] {
  return linksOf(text).flatMap(({ line, target }) => {
    if (/^[a-z]+:/i.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const to = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path));
    const problem = (message: string): Problem[] => [{ file, line, rule: 'link', message }];
    if (!exists(to, files)) return problem(`${target}: no such file`);
    const page = pages[to];
    return anchor === undefined || page === undefined || headingAnchors(page).has(anchor) ? [] : problem(`${target}: no such heading`);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = listFiles();
  const known = new Map<string, Promise<string>>();
  const help: Help = (words) => {
    const key = words.join(' ');
    const asked =
      known.get(key) ??
      promisify(execFile)(process.execPath, ['bin/plumbline.js', ...words, '--help'], { cwd: root }).then((r) => r.stdout);
    known.set(key, asked);
    return asked;
  };
  const manifest = JSON.parse(readSources(['package.json'])['package.json'] ?? '{}') as { scripts: Record<string, string> };
  const pages = readSources(files.filter(isPage));
  const isIgnored = (path: string) => spawnSync('git', ['check-ignore', '--quiet', path], { cwd: root }).status === 0;
  const problems = await checkPages(pages, { isIgnored, files, scripts: Object.keys(manifest.scripts), help });
  report(problems, `what ${Object.keys(pages).length} pages tell to type or to open`);
}
