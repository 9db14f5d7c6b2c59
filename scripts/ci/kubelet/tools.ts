import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const INSIDE = 'PLUMBLINE_PLAYED_NODE';
/** On the node: the folder of the run. */
export const WORK = 'PLUMBLINE_PLAYED_WORK';
const WANTED = ['unshare', 'nsenter', 'setpriv', 'mount', 'chroot', 'ip', 'sh', 'sleep'] as const;
type Tool = (typeof WANTED)[number];

const found = new Map<Tool, string>();

/** Absolute: a container has a PATH of its own, and /usr/sbin is on few. @throws where it is missing. */
export function pathOf(tool: Tool): string {
  const known = found.get(tool);
  if (known !== undefined) return known;
  const path = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin; command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
  if (path === '') throw new Error(`${tool} is not installed`);
  found.set(tool, path);
  return path;
}

/** Why a node cannot be played here; undefined: it can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it takes root on Linux';
  try {
    for (const tool of WANTED) pathOf(tool);
    // All that is needed of the kernel, once: namespaces, mounts, a pair of interfaces.
    const tries = `${pathOf('mount')} --bind / /mnt && ${pathOf('ip')} link add name played0 type veth peer name played1`;
    execFileSync(pathOf('unshare'), [...NAMESPACES, pathOf('sh'), '-c', tries], { stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    const { message, stderr } = error as Error & { readonly stderr?: Buffer };
    return (stderr?.toString().trim() || message).split('\n', 1)[0];
  }
}

/** `kill-child`: with whoever started it everything in it ends. */
const NAMESPACES = ['--net', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * Runs this same program again on a node of its own: a network without a way out, its own mounts and processes. Undefined: this is that node; else the exit
 * code of the program there. What it leaves running ends with it, and no address or interface of this machine is touched.
 */
export async function onPlayedNode(env: Readonly<Record<string, string>>): Promise<number | undefined> {
  if (process.env[INSIDE] !== undefined) {
    // The first process of a namespace has no signals but those that it asks for.
    for (const signal of SIGNALS) process.on(signal, () => process.exit(143));
    return undefined;
  }
  const args = [...NAMESPACES, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(pathOf('unshare'), args, { stdio: 'inherit', env: { ...process.env, ...env, [INSIDE]: '1' } });
  // `unshare` ignores them and hands none on: whoever told us alone to end would leave a node that plays to its end. We go on to clean up.
  for (const signal of SIGNALS) process.on(signal, () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 143)));
}

const run = promisify(execFile);

/** @throws with what it said. */
export async function exec(tool: Tool, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(pathOf(tool), [...args], { encoding: 'utf8' });
  return stdout;
}

/** One word for the shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Direct ones; of a process that has ended none. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
