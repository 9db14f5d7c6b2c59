/**
 * Makes dist/, the program as the image runs it: `npm run build`. With `-- --root FOLDER` also the root of the image's file system; `--dist FOLDER`:
 * there, in place of dist/.
 * PLUMBLINE_REVISION is the commit that goes into it, SOURCE_DATE_EPOCH its time, which all files get; without them git is asked.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { commitOf } from '../release/commit.ts';
import { settle } from '../release/settle.ts';
import { billOf } from '../release/bill.ts';
import { bake } from './bake.ts';
import { bundle } from './bundle.ts';
import { licences } from './licences.ts';
import { layRoot } from './root.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** What goes along besides the code and what it opens: the example's contract, for the demo, and what a user wants at hand. */
const FILES = ['examples/billing/openapi.yaml', 'config/plumbline.schema.json', 'LICENSE'];

/** Resolves to the packages in the bundle. */
async function build(dist: string): Promise<readonly string[]> {
  const begin = performance.now();
  const { packages, assets } = await bundle({ root, out: dist, revision: commit.revision });
  for (const file of [...assets, ...FILES]) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    copyFileSync(join(root, file), join(dist, file));
  }
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, license, private: true, type: 'module' }, null, 2)}\n`);
  writeFileSync(join(dist, 'THIRD_PARTY_NOTICES'), licences(packages));
  writeFileSync(join(dist, 'sbom.json'), billOf({ checkout: root, commit, packages }));
  const baked = await bake(dist);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`dist: ${packages.length} packages in the bundle, ${baked} files in its compile cache, ${seconds} s`);
  return packages;
}

const { values } = parseArgs({ options: { root: { type: 'string' }, dist: { type: 'string' } } });
const commit = commitOf(root, process.env);
const dist = values.dist === undefined ? join(root, 'dist') : resolve(values.dist);
const packages = await build(dist);
if (values.root !== undefined) {
  const out = resolve(values.root);
  const libraries = layRoot(dist, out);
  writeFileSync(join(out, 'app/sbom.json'), billOf({ checkout: root, commit, packages, libraries }));
  settle(out, commit.epochSeconds);
  console.log(`${values.root}: the root of the image`);
}
