/**
 * The first minutes of a newcomer: clones what is committed, types `npm start` with the machine's own Node, reads who breaks the contract
 * within ten seconds of the end of the install, and presses Ctrl-C. Exit code 0 where all of that goes well.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from '../lint/tree.ts';
import { Child } from './child.ts';

/** A heading, and below it a consumer with a cross and one of its violations. */
const VIOLATIONS = /Who breaks the contract[^\n]*\n(?:.*\n)*? {2}✗ (\S+)[^\n]*\n {4}\S/;
const INSTALL_LIMIT_MS = 300_000;

/** The machine's own PATH: without what npm and our own scripts put before it. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE_OPTIONS$|^INIT_CWD$/i.test(name) || name === 'npm_config_registry',
  );
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

async function main(folder: string): Promise<void> {
  const clone = join(folder, 'plumbline');
  execFileSync('git', ['clone', '--quiet', root, clone]);
  const env = plainEnvironment();
  console.log(`Node of the machine: ${execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim()}`);
  const demo = new Child('npm', ['start'], clone, env);
  try {
    await demo.says(/Installed in \d+ s/, INSTALL_LIMIT_MS);
    const installedAt = performance.now();
    const [, consumer] = await demo.says(VIOLATIONS, 10_000);
    console.log(`violations of ${consumer} are shown ${((performance.now() - installedAt) / 1000).toFixed(1)} s after the install`);
    // To npm alone, which passes it on: without a terminal a signal to the whole group would arrive once for each link of the chain.
    demo.process.kill('SIGINT');
    const code = await demo.exits(10_000);
    console.log(`${demo.output}\nnpm start ended with ${code} on Ctrl-C`);
    if (code !== 0) throw new Error(`exit code ${code} instead of 0`);
    if (demo.alive) throw new Error('it left a process behind');
    const changed = execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' });
    if (changed !== '') throw new Error(`npm start changed the checkout:\n${changed}`);
  } finally {
    demo.kill();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'plumbline-newcomer-'));
try {
  await main(folder);
} catch (error) {
  console.log(`newcomer: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
