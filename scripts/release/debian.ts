import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import type { DebianPackage } from './platform-parts.ts';

/** The installed package that a library is from; undefined where this is no Debian, or none of its packages has it. */
export function ownerOf(library: string): DebianPackage | undefined {
  for (const path of new Set([library, realpathSync(library)])) {
    // Another path of the same file may be the one that is known.
    const name = dpkg(['-S', path])?.split(':')[0];
    const said = name === undefined ? undefined : dpkg(['-s', name]);
    const [version, architecture] = [fieldOf(said, 'Version'), fieldOf(said, 'Architecture')];
    if (name !== undefined && version !== undefined && architecture !== undefined) {
      return { name, version, architecture, release: release() };
    }
  }
  return undefined;
}

/** Where Debian keeps a package's notices; undefined where it has none. */
export function copyrightOf({ name }: DebianPackage): string | undefined {
  const notice = `/usr/share/doc/${name}/copyright`;
  return existsSync(notice) ? notice : undefined;
}

function fieldOf(status: string | undefined, field: string): string | undefined {
  return new RegExp(`^${field}: (\\S+)$`, 'm').exec(status ?? '')?.[1];
}

function dpkg(args: readonly string[]): string | undefined {
  try {
    return execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** `debian-12`, as package URLs name it. */
function release(): string {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const of = (key: string) => new RegExp(`^${key}="?([\\w.-]+)"?$`, 'm').exec(text)?.[1] ?? '';
  return `${of('ID')}-${of('VERSION_ID')}`.replace(/-$/, '');
}
