/** Import layers, I/O, wall time, randomness and raw timers: `node scripts/lint-layers.ts`. Rules and reasons stand in `lint/`. */
import { fileURLToPath } from 'node:url';
import { checkEffects } from './lint/effects.ts';
import { importsOf } from './lint/imports.ts';
import { checkIo } from './lint/io.ts';
import { checkLayers } from './lint/layers.ts';
import { type Problem, report } from './lint/problem.ts';
import { parse } from './lint/syntax.ts';
import { readTree, type Sources } from './lint/tree.ts';

export const isSource = (file: string): boolean => file.startsWith('src/') && file.endsWith('.ts');

/** Judges every TypeScript file of `src` in `sources`. */
export function lintLayers(sources: Sources): Problem[] {
  return Object.entries(sources)
    .filter(([file]) => isSource(file))
    .flatMap(([file, text]) => {
      const parsed = parse(file, text);
      const imports = importsOf(parsed);
      return [...checkLayers(file, imports), ...checkIo(file, imports), ...checkEffects(file, parsed, imports)];
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sources = readTree(isSource);
  report(lintLayers(sources), `layers, I/O, time, randomness and timers in ${Object.keys(sources).length} files`);
}
