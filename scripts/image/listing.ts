import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface Entry {
  readonly path: string;
  readonly mode: number;
  readonly bytes: number;
  readonly changedMs: number;
  readonly isFolder: boolean;
}

function entries(root: string): Entry[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, size, mtimeMs } = statSync(path);
      return { path: path.slice(root.length), mode: mode & 0o7777, bytes: size, changedMs: mtimeMs, isFolder: entry.isDirectory() };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every file and folder with mode, size and time: the same text where nothing was written in between. */
export function listing(root: string): string {
  return entries(root)
    .map(({ path, mode, bytes, changedMs }) => `${path} ${mode.toString(8)} ${bytes} ${changedMs}`)
    .join('\n');
}

const GROUPS: ReadonlyArray<readonly [string, RegExp]> = [
  ['Node', /^\/usr\/local\/bin\/node$/],
  ['libraries', /\.so[.\d]*$/],
  ['compile cache', /^\/app\/cache\//],
  ['source maps', /^\/app\/.*\.map$/],
  ['program', /^\/app\//],
  ['the rest', /./],
];

/** What an image consists of, what anybody may write to beside /tmp, and what looks like a shell or an installed package. */
export function sizes(root: string): { readonly table: string; readonly writable: readonly string[]; readonly shells: readonly string[] } {
  const all = entries(root);
  const files = all.filter(({ isFolder }) => !isFolder);
  const sums = new Map<string, number>();
  for (const { path, bytes } of files) {
    const [name] = GROUPS.find(([, pattern]) => pattern.test(path)) as readonly [string, RegExp];
    sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  const line = (name: string, bytes: number) => `${name.padEnd(16)} ${(bytes / 1e6).toFixed(1).padStart(6)} MB`;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    table: [...GROUPS.map(([name]) => line(name, sums.get(name) ?? 0)), line('all', total)].join('\n'),
    writable: all.filter(({ path, mode }) => (mode & 0o022) !== 0 && path !== '/tmp').map(({ path }) => path),
    shells: all.map(({ path }) => path).filter((path) => /\/(?:sh|bash|dash|busybox|npm|npx)$|\/node_modules(?:\/|$)/.test(path)),
  };
}
