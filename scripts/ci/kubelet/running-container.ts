import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from './images.ts';
import { MemoryLimit } from './memory-limit.ts';
import { childrenOf, pathOf, quoted } from './tools.ts';

export interface ContainerMount {
  readonly from: string;
  /** Absolute, in the container. */
  readonly to: string;
  readonly readOnly: boolean;
}

/** What a container runtime is told. */
export interface Order {
  readonly image: Image;
  /** Empty, for the container's root and its log. */
  readonly folder: string;
  /** Of the network namespace. */
  readonly network: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly user: number;
  readonly group: number;
  readonly groups: readonly number[];
  readonly rootReadOnly: boolean;
  readonly mayGainPrivileges: boolean;
  /** Undefined: as much as there is. */
  readonly memoryBytes: number | undefined;
}

/** A container: a root, processes, mounts and a user of its own, in the network of its pod. Its program is process 1, as it is in a cluster. */
export class RunningContainer {
  /** 128 and the number of the signal where one ended it, as container runtimes say it. */
  readonly exited: Promise<number>;
  readonly limit: MemoryLimit | undefined;
  readonly #order: Order;
  readonly #log: string;
  readonly #outer: number;
  #inner: number | undefined = undefined;
  #code: number | undefined = undefined;
  #killed = false;

  constructor(order: Order) {
    this.#order = order;
    const root = join(order.folder, 'root');
    execFileSync('cp', ['-al', order.image.root, root]);
    for (const { to } of order.mounts) mkdirSync(join(root, to), { recursive: true });
    this.limit = order.memoryBytes === undefined ? undefined : MemoryLimit.of(order.memoryBytes);
    this.#log = join(order.folder, 'log');
    const log = openSync(this.#log, 'a');
    const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
    const enter = [`--net=${order.network}`, pathOf('unshare'), ...namespaces, pathOf('sh'), '-ec', this.#script(root)];
    const child = spawn(pathOf('nsenter'), enter, { cwd: '/', env: { ...order.env, ...mark() }, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#outer = child.pid as number;
    this.exited = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        // Of a program that was killed `unshare` can only say that something failed.
        this.#code = this.#killed || this.#outOfMemory ? 137 : (code ?? 128 + (SIGNALS[signal ?? ''] ?? 0));
        this.limit?.close();
        rmSync(root, { recursive: true, force: true });
        resolve(this.#code);
      });
    });
  }

  /** Undefined while it runs. */
  get code(): number | undefined {
    return this.#code;
  }

  /** All that it said, on either stream. */
  get log(): string {
    return existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '';
  }

  /** Of its first process, as the node sees it; undefined while there is none. */
  get pid(): number | undefined {
    this.#inner ??= childrenOf(this.#outer)[0];
    return this.#inner;
  }

  /** SIGTERM, and SIGKILL when the time is over. Resolves with the exit code. */
  async stop(graceMs: number): Promise<number> {
    const over = new AbortController();
    void this.exited.then(() => over.abort());
    this.signal('SIGTERM');
    try {
      await sleep(graceMs, undefined, { signal: over.signal });
      this.signal('SIGKILL');
    } catch {
      // It has ended in time.
    }
    return this.exited;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#code !== undefined || this.pid === undefined) return;
    if (signal === 'SIGKILL') this.#killed = true;
    try {
      process.kill(this.pid, signal);
    } catch {
      // It ended this very moment.
    }
  }

  /** Runs a program in it, as hooks and probes do: its root, processes, mounts, network, user, environment and memory. Resolves with the exit code. */
  exec(command: readonly string[], timeoutMs: number): Promise<number> {
    const { user, group, env, mayGainPrivileges } = this.#order;
    const joining = this.limit === undefined ? '' : `echo 0 > ${quoted(this.limit.procs)}; `;
    const enter = `${pathOf('nsenter')} --target ${this.pid} --mount --pid --net --root --wd --setuid ${user} --setgid ${group} --`;
    const [name = '', ...args] = command;
    const program = [lookUp(`/proc/${this.pid}/root`, name, env.PATH ?? ''), ...args].map(quoted).join(' ');
    const script = `${joining}exec ${mayGainPrivileges ? '' : `${pathOf('setpriv')} --no-new-privs `}${enter} ${program}`;
    const log = openSync(this.#log, 'a');
    const child = spawn(pathOf('sh'), ['-ec', script], { env: { ...env, ...mark() }, stdio: ['ignore', log, log] });
    closeSync(log);
    // The program, and not `nsenter`, which waits for it: a process without a parent keeps its namespace from ending.
    const timer = setTimeout(() => {
      for (const pid of childrenOf(child.pid as number)) process.kill(pid, 'SIGKILL');
    }, timeoutMs);
    return new Promise<number>((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 137))).finally(() =>
      clearTimeout(timer),
    );
  }

  get #outOfMemory(): boolean {
    return this.limit !== undefined && this.limit.kills > 0;
  }

  #script(root: string): string {
    const { mounts, rootReadOnly, command, image, user, group, groups, mayGainPrivileges } = this.#order;
    const [mount, at] = [pathOf('mount'), quoted(root)];
    // Those inside others after them.
    const inner = mounts.toSorted((a, b) => a.to.length - b.to.length);
    const [name = '', ...args] = command;
    const program = [lookUp(image.root, name, image.config.env.PATH ?? ''), ...args].map(quoted).join(' ');
    const gids = [group, ...groups].join(',');
    return [
      ...(this.limit === undefined ? [] : [`echo 0 > ${quoted(this.limit.procs)}`]),
      `${mount} --bind ${at} ${at}`,
      `${mount} -t proc proc ${at}/proc`,
      ...inner.flatMap(({ from, to, readOnly }) => {
        const target = quoted(join(root, to));
        return [`${mount} --bind ${quoted(from)} ${target}`, ...(readOnly ? [`${mount} -o remount,bind,ro ${target}`] : [])];
      }),
      ...(rootReadOnly ? [`${mount} -o remount,bind,ro ${at}`] : []),
      `exec ${mayGainPrivileges ? '' : `${pathOf('setpriv')} --no-new-privs `}${pathOf('chroot')} --userspec=${user}:${group} --groups=${gids} ${at} ${program}`,
    ].join('\n');
  }
}

const SIGNALS: Readonly<Record<string, number>> = { SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15, SIGABRT: 6 };

function lookUp(root: string, name: string, path: string): string {
  if (name.startsWith('/')) return name;
  const folder = path.split(':').find((one) => existsSync(join(root, one, name)));
  if (folder === undefined) throw new Error(`the image has no ${name} on its PATH (${path}); ${dirname(root)}`);
  return join(folder, name);
}

/** By which .ci/run finds what a stage left running. */
function mark(): Record<string, string> {
  const run = process.env.PLUMBLINE_CI_RUN;
  return run === undefined ? {} : { PLUMBLINE_CI_RUN: run };
}
