import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Scenario, readScenario } from './read.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Paths of all scenario files below this folder, sorted, with `/`. */
export function scenarioFiles(): string[] {
  return globSync('**/*.txt', { cwd: FOLDER })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
}

/** @throws ScenarioFault where the file cannot be read as one. */
export function scenarioAt(file: string): Scenario {
  return readScenario(file, readFileSync(FOLDER + file, 'utf8'));
}
