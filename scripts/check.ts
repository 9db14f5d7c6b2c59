/**
 * Everything that must hold before a change lands: `npm run check`, or some of it: `npm run check -- types lint`.
 * Every step runs, whatever the ones before it said; the exit code is 1 if one of them failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './lint/tree.ts';

interface Step {
  readonly name: string;
  readonly what: string;
  readonly commands: ReadonlyArray<readonly string[]>;
}

const node = (...args: string[]) => [process.execPath, ...args];

const STEPS: readonly Step[] = [
  { name: 'format', what: 'files are as Biome writes them', commands: [['biome', 'format', '--error-on-warnings']] },
  {
    name: 'types',
    what: 'TypeScript, strict',
    commands: [
      ['tsc', '-p', '.'],
      // Other globals: what k6 gives, and nothing of Node.
      ['tsc', '-p', 'loadtests'],
    ],
  },
  {
    name: 'lint',
    what: 'Biome, and what needs types: floating promises',
    commands: [
      ['biome', 'lint', '--error-on-warnings'],
      ['oxlint', '--type-aware', '--deny-warnings', '--threads=2'],
    ],
  },
  { name: 'layers', what: 'import layers, I/O, time, randomness, timers', commands: [node('scripts/lint-layers.ts')] },
  { name: 'house', what: "the house's own rules", commands: [node('scripts/lint-house.ts')] },
  { name: 'tests', what: 'every test', commands: [['vitest', 'run']] },
  { name: 'generated', what: 'generated files are as the code says', commands: [node('scripts/generate.ts', '--check')] },
  { name: 'docs', what: 'what README and docs tell to type exists', commands: [node('scripts/check-readme.ts')] },
];

interface Result {
  readonly step: Step;
  readonly ok: boolean;
  readonly seconds: string;
}

async function run(step: Step): Promise<Result> {
  console.log(`\n── ${step.name}: ${step.what}`);
  const begin = performance.now();
  let ok = true;
  for (const [command = '', ...args] of step.commands) {
    const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`;
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, PATH: path } });
    const [code] = (await once(child, 'exit')) as [number | null];
    ok &&= code === 0;
  }
  return { step, ok, seconds: ((performance.now() - begin) / 1000).toFixed(1) };
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`no such step: ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}`);
    return 2;
  }
  const results: Result[] = [];
  for (const step of STEPS) if (names.length === 0 || names.includes(step.name)) results.push(await run(step));
  console.log('\nnpm run check');
  for (const { step, ok, seconds } of results) {
    console.log(`  ${ok ? 'ok    ' : 'FAILED'} ${step.name.padEnd(10)} ${seconds.padStart(6)} s  ${step.what}`);
  }
  const failed = results.filter((r) => !r.ok).map((r) => r.step.name);
  console.log(
    failed.length === 0
      ? `All ${results.length} steps passed.`
      : `Failed: ${failed.join(', ')}. Again: npm run check -- ${failed.join(' ')}`,
  );
  return failed.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
