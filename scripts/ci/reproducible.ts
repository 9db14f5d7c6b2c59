/**
 * Builds the image's file system twice from the same commit, in folders of different names, at another time, in another zone and under another umask,
 * and compares every byte, mode and time: `node scripts/ci/reproducible.ts`. What cannot be the same is told with its size.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { contextFiles } from '../image/stages.ts';
import { root } from '../lint/tree.ts';

const EPOCH_SECONDS = 1_700_000_000;
/** V8 writes there what it has compiled by then: which functions, and in which state, is a matter of time. */
const COMPILED = /^\/app\/cache\/./;

let failures = 0;
function hold(what: string, wrong: readonly string[]): void {
  console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${what}${wrong.length === 0 ? '' : `\n${wrong.slice(0, 20).join('\n')}`}`);
  if (wrong.length > 0) failures++;
}

interface Circumstances {
  readonly folder: string;
  readonly umask: string;
  readonly zone: string;
  readonly locale: string;
}

/** What a build gets to see, as it is at this moment: two builds of a tree that somebody edits meanwhile would be of two trees. */
function sourcesIn(folder: string): string {
  for (const file of contextFiles(root)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  return folder;
}

/** Resolves to the root of the file system that a build under these circumstances made. */
function buildIn({ folder, umask, zone, locale }: Circumstances, sources: string): string {
  mkdirSync(dirname(folder), { recursive: true });
  cpSync(sources, folder, { recursive: true });
  // Hard links where they can be: the packages are half a gigabyte.
  const packages = join(root, 'node_modules');
  if (spawnSync('cp', ['-al', packages, folder], { stdio: 'ignore' }).status !== 0) execFileSync('cp', ['-a', packages, folder]);
  const env = { ...process.env, TZ: zone, LC_ALL: locale, SOURCE_DATE_EPOCH: String(EPOCH_SECONDS), PLUMBLINE_REVISION: 'the-revision' };
  const command = `umask ${umask} && exec node_modules/.bin/node scripts/image/build.ts --root root`;
  execFileSync('sh', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
  return join(folder, 'root');
}

interface Entry {
  readonly mode: string;
  readonly changedMs: number;
  /** Of a file. */
  readonly digest: string;
}

function entriesOf(image: string): ReadonlyMap<string, Entry> {
  const paths = ['', ...(readdirSync(image, { recursive: true }) as string[]).map((path) => `/${path}`)].sort();
  return new Map(
    paths.map((path) => {
      const stat = statSync(join(image, path));
      const digest = stat.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(image, path)))
            .digest('hex')
        : '';
      return [path === '' ? '/' : path, { mode: (stat.mode & 0o7777).toString(8), changedMs: stat.mtimeMs, digest }];
    }),
  );
}

function compare(first: ReadonlyMap<string, Entry>, second: ReadonlyMap<string, Entry>): void {
  const all = [...new Set([...first.keys(), ...second.keys()])].sort();
  const common = all.filter((path) => first.has(path) && second.has(path));
  const fixed = all.filter((path) => !COMPILED.test(path));
  const app = fixed.filter((path) => path.startsWith('/app/') && first.get(path)?.digest !== '');
  const differ = (key: keyof Entry) => (path: string) => first.get(path)?.[key] !== second.get(path)?.[key];
  hold(
    `the same ${fixed.length} files and folders`,
    fixed.filter((path) => !common.includes(path)),
  );
  hold(`the same bytes in ${app.length} files of the program`, [...app.filter(differ('digest')), ...(app.length < 20 ? ['too few'] : [])]);
  hold('the same bytes in the rest: Node, libraries, licences', fixed.filter((path) => !app.includes(path)).filter(differ('digest')));
  hold(`the same modes of ${common.length}`, common.filter(differ('mode')));
  const late = (path: string) => [first, second].some((entries) => entries.get(path)?.changedMs !== EPOCH_SECONDS * 1000);
  hold(`the commit's time on all ${common.length}`, common.filter(late));
  hold('the bill of materials is in it', all.includes('/app/sbom.json') ? [] : ['/app/sbom.json is not there']);
  const cached = all.filter((path) => COMPILED.test(path) && (first.get(path) ?? second.get(path))?.digest !== '');
  const differing = cached.filter(differ('digest')).length;
  console.log(
    `       not held: ${differing} of ${cached.length} files of V8's compile cache differ; without them the program does the same`,
  );
}

const work = mkdtempSync(join(tmpdir(), 'plumbline-twice-'));
try {
  const sources = sourcesIn(join(work, 'sources'));
  const first = entriesOf(buildIn({ folder: join(work, 'a'), umask: '022', zone: 'UTC', locale: 'C' }, sources));
  const second = entriesOf(buildIn({ folder: join(work, 'another/place'), umask: '077', zone: 'Asia/Tokyo', locale: 'C.UTF-8' }, sources));
  compare(first, second);
} catch (error) {
  hold('both builds', [(error as Error).stack ?? '']);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(failures === 0 ? '\nthe same commit gives the same image' : `\n${failures} failed`);
if (failures > 0) process.exitCode = 1;
