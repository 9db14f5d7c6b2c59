#!/usr/bin/env node
// Starts src/cli/main.ts with the Node that this checkout is tested with, whatever the machine has. Plain JavaScript of Node 18's time:
// this file alone must run on an old one.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

// npx calls this file through a link in node_modules/.bin.
const root = path.resolve(path.dirname(realpathSync(fileURLToPath(import.meta.url))), '..');
const main = path.join(root, 'src', 'cli', 'main.ts');

// What cannot be set once V8 runs. A young generation of 32 MB: −3 to −10 % CPU a request. No pretenuring: V8 takes what it has seen
// survive and makes it old from birth; in a proxy that is every exchange, whose dead ones then keep all that comes after them alive until the
// next full collection. Without it a collection of the young takes 0.3 ms where it took 12, and an exchange half the CPU (docs/decisions.md).
const FLAGS = ['--max-semi-space-size=32', '--no-allocation-site-pretenuring', '--disable-warning=ExperimentalWarning'];

/** `engines` of package.json: ^24.15 || >=26. */
function fits(version) {
  const [major, minor] = version.split('.').map(Number);
  return major >= 26 || (major === 24 && minor >= 15);
}

function fail(message) {
  process.stderr.write(`plumbline: ${message}\n`);
  process.exit(2);
}

/** The Node that the install brought along: this platform's optional package, beside us or hoisted above us. */
function pinnedNode() {
  const require = module.createRequire(path.join(root, 'package.json'));
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    try {
      const node = path.join(path.dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
      if (existsSync(node)) return node;
    } catch {
      // Not installed: there is none for this platform, or the optional packages were left out.
    }
  }
  const linked = path.join(root, 'node_modules', '.bin', 'node');
  return existsSync(linked) ? realpathSync(linked) : undefined;
}

function isInstalled() {
  try {
    module.createRequire(path.join(root, 'package.json')).resolve('commander');
    return true;
  } catch {
    return false;
  }
}

/** In a process of its own, for a Node that cannot replace itself: ends as the child ends. */
function runChild(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' });
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  // A Ctrl-C reaches the child from the terminal as well; the second one would stop it at once.
  const forward = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 70);
    for (const name of signals) process.off(name, forward);
    process.kill(process.pid, signal);
    // A signal that does not end this process still must not look like success.
    setTimeout(() => process.exit(128 + (os.constants.signals[signal] ?? 0)), 100);
  });
}

async function start() {
  if (!isInstalled()) fail(`its packages are not installed; run \`npm ci\` in ${root}`);
  const fit = fits(process.versions.node);
  if (fit && FLAGS.every((flag) => process.execArgv.includes(flag))) {
    // Says by its status that it could not (a read-only image), and never throws.
    module.enableCompileCache?.(path.join(root, 'node_modules', '.cache', 'plumbline'));
    await import(pathToFileURL(main).href);
    return;
  }
  const node = fit ? process.execPath : pinnedNode();
  if (node === undefined) fail(`needs Node ^24.15 or >=26; this is ${process.version}, and none came with the install`);
  const args = [...FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  if (process.execve === undefined || process.platform === 'win32') {
    runChild(node, args);
    return;
  }
  // The same process goes on as the new program: one pid, and signals arrive where they should.
  process.execve(node, [node, ...args], process.env);
}

await start();
