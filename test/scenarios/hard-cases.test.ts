/** Every hard case of openapi.md is shown by scenarios and guarded by a mutant. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { scenarioAt, scenarioFiles } from './files.ts';

const HARD_CASES = Array.from({ length: 20 }, (_, i) => i + 1);
const MUTANTS = fileURLToPath(new URL('../mutants/', import.meta.url));

it('each hard case has a valid, an invalid and an edge scenario', () => {
  const scenarios = scenarioFiles().map(scenarioAt);
  const missing = HARD_CASES.flatMap((hardCase) => {
    const of = scenarios.filter((scenario) => scenario.hardCase === hardCase);
    const kinds = of.flatMap(({ exchanges }) => exchanges.map(({ kind }) => kind));
    const wanted = of.some(({ noInvalid }) => noInvalid !== undefined)
      ? (['valid', 'edge'] as const)
      : (['valid', 'invalid', 'edge'] as const);
    const lacking: string[] = wanted.filter((kind) => !kinds.includes(kind));
    if (kinds.length < 3) lacking.push(`${3 - kinds.length} more`);
    return lacking.length === 0 ? [] : [`hard case ${hardCase}: ${lacking.join(', ')}`];
  });
  expect(missing).toEqual([]);
});

it('each hard case has a mutant that breaks it', () => {
  const rules = readdirSync(MUTANTS)
    .filter((name) => name.endsWith('.patch'))
    .map((name) => /^rule: (.*)$/m.exec(readFileSync(MUTANTS + name, 'utf8'))?.[1] ?? '');
  const named = new Set(rules.flatMap((rule) => Array.from(rule.matchAll(/hard case (\d+)/g), (m) => Number(m[1]))));
  expect(HARD_CASES.filter((hardCase) => !named.has(hardCase)).map((hardCase) => `hard case ${hardCase}`)).toEqual([]);
});
