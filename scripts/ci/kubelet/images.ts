import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ImageConfig, imageConfig, parseDockerfile } from '../../image/dockerfile.ts';
import { root } from '../../lint/tree.ts';

/** A file system, and how it is run. */
export interface Image {
  readonly root: string;
  readonly config: Pick<ImageConfig, 'env' | 'user' | 'entrypoint' | 'cmd'>;
}

/** The image of this tree: the root of its file system as `npm run build` lays it out, run as the Dockerfile says. Takes some ten seconds. */
export function ownImage(folder: string): Image {
  const files = join(folder, 'plumbline');
  const args = ['scripts/image/build.ts', '--dist', join(folder, 'dist'), '--root', files];
  console.log(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim());
  return ownImageAt(files);
}

/** The same, where it has been laid out. */
export function ownImageAt(files: string): Image {
  const last = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8')).at(-1);
  if (last === undefined) throw new Error('the Dockerfile has no stage');
  return { root: files, config: imageConfig(last, {}) };
}

/** An image with the same Node and other programs, the first of which it runs: for what a sidecar stands before. Hard links: it takes no room. */
export function appImage({ root: base }: Image, folder: string, programs: readonly string[]): Image {
  const files = join(folder, `app-${basename(programs[0] as string)}`);
  execFileSync('cp', ['-al', base, files]);
  const own = join(files, 'app');
  rmSync(own, { recursive: true });
  mkdirSync(own);
  for (const program of programs) copyFileSync(program, join(own, basename(program)));
  writeFileSync(join(own, 'package.json'), '{"type":"module"}\n');
  const entrypoint = ['node', `/app/${basename(programs[0] as string)}`];
  return { root: files, config: { env: { PATH: '/usr/local/bin' }, user: '10001:10001', entrypoint, cmd: [] } };
}
