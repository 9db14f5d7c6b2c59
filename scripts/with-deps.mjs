// Runs a command with the locked dependencies in place: `node scripts/with-deps.mjs COMMAND [ARGUMENT …]`.
// What every npm script of this repository starts with, so that a fresh clone needs no step before it. It is plain JavaScript
// for Node 20: the machine's own Node runs it; the pinned Node (an optional dependency) runs everything behind it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const bin = join(modules, '.bin');
const stamp = join(modules, '.plumbline-lock');
const lock = join(tmpdir(), `plumbline-install-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
/** An install that was killed leaves its lock behind; one that is alive touches it every second. */
const LOCK_STALE_MS = 10_000;

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const installed = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;

/** The machine's own npm, also where it was not started through npm. */
function npm() {
  const cli = process.env.npm_execpath;
  return cli !== undefined && /npm-cli\.c?js$/.test(cli) ? [process.execPath, cli] : ['npm'];
}

/** Two terminals, one clone: `mkdir` succeeds for one of them, the other waits. */
async function takeLock() {
  for (let said = false; ; ) {
    try {
      mkdirSync(lock);
      const beat = setInterval(() => {
        try {
          writeFileSync(join(lock, 'alive'), '');
        } catch {
          // The directory was taken away: whoever did so holds the lock now.
        }
      }, 1000);
      return () => {
        clearInterval(beat);
        rmSync(lock, { recursive: true, force: true });
      };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!said) process.stderr.write('Another command is installing the packages here; waiting for it.\n');
    said = true;
    await sleep(500);
    const touchedAt = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    const aliveAt = statSync(join(lock, 'alive'), { throwIfNoEntry: false })?.mtimeMs ?? touchedAt;
    if (Date.now() - Math.max(touchedAt, aliveAt) > LOCK_STALE_MS) rmSync(lock, { recursive: true, force: true });
  }
}

async function install() {
  const release = await takeLock();
  try {
    if (installed()) return 0;
    const why = existsSync(stamp) ? 'package-lock.json has changed since' : 'they are not here yet';
    process.stderr.write(`Installing the locked packages with npm ci: ${why}. This takes 30 to 60 seconds, once.\n`);
    const begin = Date.now();
    const [command, ...args] = npm();
    // Development packages too, whatever NODE_ENV says: tests and checks need them.
    const code = await run(command, [...args, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'], {
      stdio: ['ignore', 2, 2],
    });
    if (code !== 0) {
      process.stderr.write(`npm ci failed (exit code ${code}); what it says stands above.\n`);
      return code;
    }
    writeFileSync(stamp, wanted);
    process.stderr.write(`Installed in ${Math.round((Date.now() - begin) / 1000)} s.\n`);
    return 0;
  } finally {
    release();
  }
}

/** Runs to the end and resolves to its exit code, 128 + n for signal n. Signals that we get are passed on. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options });
    const pass = (signal) => child.kill(signal);
    // From a terminal Ctrl-C reaches the whole process group: the child has it already, and a second one would cut its clean end short.
    const interrupt = (signal) => (process.stdin.isTTY ? undefined : pass(signal));
    process.on('SIGINT', interrupt).on('SIGTERM', pass).on('SIGHUP', pass);
    const done = (settle, value) => {
      process.off('SIGINT', interrupt).off('SIGTERM', pass).off('SIGHUP', pass);
      settle(value);
    };
    child.on('error', (error) => done(reject, error));
    child.on('exit', (code, signal) => done(resolve, code ?? 128 + constants.signals[signal]));
  });
}

/** `node` in `args` is the pinned one: found by its full path, so that no shell's memory of another `node` matters. */
function locate(command) {
  const own = join(bin, process.platform === 'win32' ? `${command}.cmd` : command);
  return existsSync(own) ? own : command;
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write('usage: node scripts/with-deps.mjs COMMAND [ARGUMENT …]\n');
  process.exit(2);
}
const failed = installed() ? 0 : await install();
if (failed !== 0) process.exit(failed);
const path = `${bin}${delimiter}${process.env.PATH ?? ''}`;
process.exitCode = await run(locate(command), args, {
  stdio: 'inherit',
  env: { ...process.env, PATH: path, npm_node_execpath: locate('node') },
});
