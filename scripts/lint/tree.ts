import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sources by path from the repository's root, with `/`. The lints read such a map, so that a test can plant one. */
export type Sources = Readonly<Record<string, string>>;

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Every file that is committed or would be: what git ignores is left out. Sorted. */
export function listFiles(): string[] {
  const out = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, maxBuffer: 64 << 20 });
  const names = out.toString('utf8').split('\0');
  return [...new Set(names)].filter((name) => name !== '' && existsSync(join(root, name))).sort();
}

/** The text of those files; one that is not UTF-8 text is left out. */
export function readSources(files: readonly string[]): Sources {
  const sources: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    if (!text.includes('\0')) sources[file] = text;
  }
  return sources;
}

export function readTree(wanted: (file: string) => boolean): Sources {
  return readSources(listFiles().filter(wanted));
}
