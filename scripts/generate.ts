/**
 * Writes what is generated from the code that uses it: `node scripts/generate.ts`; with `--check` it writes nothing and fails
 * where a file is stale. A generator is a file `scripts/generate-*.ts` that exports `generate()`, which gives text by path.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root } from './lint/tree.ts';

interface Generator {
  generate(): Promise<Record<string, string>> | Record<string, string>;
}

export interface Generated {
  readonly file: string;
  readonly text: string;
  readonly state: 'same' | 'stale' | 'missing';
}

/** Every generated file and how it compares with the one under `base`. @throws where two generators write one file. */
export async function compare(generators: readonly Generator[], base: string): Promise<Generated[]> {
  const made = new Map<string, string>();
  for (const generator of generators) {
    for (const [file, text] of Object.entries(await generator.generate())) {
      if (made.has(file)) throw new Error(`${file} is generated twice`);
      made.set(file, text);
    }
  }
  return [...made].map(([file, text]) => {
    const path = join(base, file);
    const state = !existsSync(path) ? 'missing' : readFileSync(path, 'utf8') === text ? 'same' : 'stale';
    return { file, text, state };
  });
}

async function load(): Promise<Generator[]> {
  const folder = join(root, 'scripts');
  const names = readdirSync(folder).filter((name) => /^generate-.*(?<!\.test)\.ts$/.test(name));
  return Promise.all(names.sort().map((name) => import(pathToFileURL(join(folder, name)).href) as Promise<Generator>));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checking = process.argv.includes('--check');
  const generated = await compare(await load(), root);
  const different = generated.filter((g) => g.state !== 'same');
  for (const { file, text, state } of different) {
    console.log(checking ? `${file}: ${state}; run npm run generate` : `${file}: written`);
    if (checking) continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  console.log(
    `${generated.length} generated file${generated.length === 1 ? '' : 's'}, ${different.length} ${checking ? 'not as the code says' : 'changed'}`,
  );
  if (checking && different.length > 0) process.exitCode = 1;
}
