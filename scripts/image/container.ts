import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../ci/child.ts';
import type { ImageConfig } from './dockerfile.ts';

/**
 * How much of a container this machine lets us have. `mounts`: a root of its own that cannot be written to. `root`: a root of its own,
 * which another user owns. `none`: nothing of that; the program runs as whoever we are.
 */
export type Isolation = 'mounts' | 'root' | 'none';

export function isolation(): Isolation {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'none';
  return spawnSync('unshare', ['--mount', 'mount', '--bind', '/', '/mnt'], { stdio: 'ignore' }).status === 0 ? 'mounts' : 'root';
}

/** A file system and what is started in it. */
export interface Container {
  readonly root: string;
  readonly config: ImageConfig;
  readonly isolation: Isolation;
}

/** What is in front of the program: `$1` is the root, `$2` the user, the rest the program. One process throughout, so signals arrive. */
const ENTER: Readonly<Record<Exclude<Isolation, 'none'>, string>> = {
  mounts: [
    'mount --bind "$1" "$1"',
    'mount -t proc proc "$1/proc"',
    'mount -o remount,bind,ro "$1"',
    'root=$1 user=$2 && shift 2',
    `exec ${pathOf('chroot')} --userspec="$user" --groups="\${user#*:}" "$root" "$@"`,
  ].join(' && '),
  root: `root=$1 user=$2 && shift 2 && exec ${pathOf('chroot')} --userspec="$user" --groups="\${user#*:}" "$root" "$@"`,
};

/** Starts `command`, whose first word is looked up as the image's own PATH says, as a container engine would. */
export function start(
  { root, config, isolation }: Container,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  const [name = '', ...args] = command;
  const program = lookUp(root, name, config.env.PATH ?? '');
  const given = { ...config.env, ...env, ...mark() };
  if (isolation === 'none') {
    // Absolute paths of the image, where it would have them.
    const moved = args.map((arg) => (existsSync(join(root, arg)) && arg.startsWith('/') ? join(root, arg) : arg));
    return new Child(join(root, program), moved, '/', given);
  }
  const enter = ['sh', '-c', ENTER[isolation], 'sh', root, config.user, program, ...args];
  const [first = '', ...rest] = isolation === 'mounts' ? [pathOf('unshare'), '--mount', '--propagation', 'private', ...enter] : enter;
  return new Child(first, rest, '/', { ...given, PATH: process.env.PATH });
}

function lookUp(root: string, name: string, path: string): string {
  if (name.startsWith('/')) return name;
  const found = path.split(':').find((folder) => existsSync(join(root, folder, name)));
  if (found === undefined) throw new Error(`the image has no ${name} on its PATH (${path})`);
  return join(found, name);
}

function pathOf(tool: string): string {
  return execFileSync('sh', ['-c', `command -v ${tool} || command -v /usr/sbin/${tool} || echo ${tool}`], { encoding: 'utf8' }).trim();
}

/** By which .ci/run finds what a stage left running. */
function mark(): Record<string, string> {
  const run = process.env.PLUMBLINE_CI_RUN;
  return run === undefined ? {} : { PLUMBLINE_CI_RUN: run };
}
