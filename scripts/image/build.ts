/**
 * Makes dist/, the program as the image runs it: `npm run build`. With `-- --root FOLDER` also the root of the image's file system.
 * PLUMBLINE_REVISION is the commit that goes into it; without one git is asked.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bake } from './bake.ts';
import { bundle } from './bundle.ts';
import { licences } from './licences.ts';
import { layRoot } from './root.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** What goes along besides the code and what it opens: the example's contract, for the demo, and what a user wants at hand. */
const FILES = ['examples/billing/openapi.yaml', 'config/plumbline.schema.json', 'LICENSE'];

function revision(): string {
  const said = process.env.PLUMBLINE_REVISION;
  if (said !== undefined && said !== '') return said;
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

async function build(dist: string): Promise<void> {
  const begin = performance.now();
  const { packages, assets } = await bundle({ root, out: dist, revision: revision() });
  for (const file of [...assets, ...FILES]) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    copyFileSync(join(root, file), join(dist, file));
  }
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, license, private: true, type: 'module' }, null, 2)}\n`);
  writeFileSync(join(dist, 'THIRD_PARTY_NOTICES'), licences(packages));
  const baked = await bake(dist);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`dist: ${packages.length} packages in the bundle, ${baked} files in its compile cache, ${seconds} s`);
}

const { values } = parseArgs({ options: { root: { type: 'string' } } });
const dist = join(root, 'dist');
await build(dist);
if (values.root !== undefined) {
  const out = resolve(values.root);
  layRoot(dist, out);
  console.log(`${values.root}: the root of the image`);
}
