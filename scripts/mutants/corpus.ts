import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, MutantError, applyMutant, parseMutant } from './mutant.ts';

export const FOLDER = 'test/mutants';

export interface Corpus {
  /** Those that can be run, by name. */
  readonly mutants: readonly Mutant[];
  /** What is wrong with the others, by name. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Reads every patch below `root` and tries it on the tree there; nothing is written. */
export function readCorpus(root: string): Corpus {
  const names = readdirSync(join(root, FOLDER)).filter((name) => name.endsWith('.patch'));
  const mutants: Mutant[] = [];
  const faults = new Map<string, string>();
  const seen = new Map<string, string>();
  for (const name of names.map((file) => file.slice(0, -'.patch'.length)).sort()) {
    try {
      const mutant = parseMutant(name, readFileSync(join(root, FOLDER, `${name}.patch`), 'utf8'));
      const text = mutated(root, mutant);
      for (const what of [`${mutant.file}\n${text}`, mutant.title]) {
        const twin = seen.get(what);
        if (twin !== undefined) throw new MutantError(`${name}.patch: is ${twin} again`);
        seen.set(what, name);
      }
      mutants.push(mutant);
    } catch (error) {
      if (!(error instanceof MutantError)) throw error;
      faults.set(name, error.message);
    }
  }
  return { mutants, faults };
}

/** The text of a mutant's file with its fault. @throws MutantError where a file that it names is not there, or has changed. */
export function mutated(root: string, mutant: Mutant): string {
  const missing = [mutant.file, ...mutant.tests].find((file) => !existsSync(join(root, file)));
  if (missing !== undefined) throw new MutantError(`${mutant.name}.patch: there is no ${missing}`);
  return applyMutant(mutant, readFileSync(join(root, mutant.file), 'utf8'));
}
