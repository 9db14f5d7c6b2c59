import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { copyrightOf, ownerOf } from '../release/debian.ts';
import type { Library } from '../release/platform-parts.ts';

/** Whom the program runs as; a number, so that Kubernetes can see that it is not root. */
export const USER = 65_532;

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/:/nonexistent\nplumbline:x:${USER}:${USER}:plumbline:/:/nonexistent\n`,
  'etc/group': `root:x:0:\nplumbline:x:${USER}:\n`,
  // What the C library needs for names: /etc/hosts first, as everywhere.
  'etc/nsswitch.conf': 'hosts: files dns\n',
};

/**
 * Lays out everything that the image has, and nothing else: this very Node, the libraries that it is linked with, the bundle, an empty
 * /tmp, and /etc/plumbline for the configuration. No shell, no package manager. `out` is emptied first. Gives the libraries.
 */
export function layRoot(bundle: string, out: string): readonly Library[] {
  rmSync(out, { recursive: true, force: true });
  for (const folder of ['app', 'etc/plumbline', 'proc', 'tmp', 'usr/local/bin', 'usr/share/licenses']) {
    mkdirSync(join(out, folder), { recursive: true });
  }
  chmodSync(join(out, 'tmp'), 0o1777);
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(out, file), text);
  cpSync(bundle, join(out, 'app'), { recursive: true });
  copy(process.execPath, join(out, 'usr/local/bin/node'), 0o755);
  const libraries = librariesOf(process.execPath).map((path) => ({ path, owner: ownerOf(path) }));
  for (const { path, owner } of libraries) {
    copy(path, join(out, path), 0o755);
    const notice = owner === undefined ? undefined : copyrightOf(owner);
    if (owner !== undefined && notice !== undefined) copy(notice, join(out, 'usr/share/licenses', owner.name), 0o644);
  }
  const licence = resolve(dirname(process.execPath), '../LICENSE');
  if (existsSync(licence)) copy(licence, join(out, 'usr/share/licenses/node'), 0o644);
  return libraries;
}

function copy(from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true });
  // As it is read, links followed: the root has no other place that they could point to.
  writeFileSync(to, readFileSync(from));
  chmodSync(to, mode);
}

/** Absolute paths as the program's own header names them, the loader among them. @throws where one is not installed. */
function librariesOf(program: string): string[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8' });
  const missing = [...told.matchAll(/(\S+) => not found/g)].map(([, name]) => name);
  if (missing.length > 0) throw new Error(`${program} needs ${missing.join(', ')}, which this machine does not have`);
  return [...told.matchAll(/(?:^|\s)(\/\S+) \(0x/g)].map(([, path]) => path as string);
}
