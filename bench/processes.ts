import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { onPath } from './machine.ts';

/** The core of what is measured, and that of the upstream and the load. */
export const MEASURED_CORE = 0;
export const OTHER_CORE = 1;

export const pinning: boolean = onPath('taskset') && availableParallelism() >= 2;

export interface Running {
  readonly pid: number;
  /** Lines that it has written to standard output. */
  readonly lines: number;
  /** The end of what it has written to standard error. */
  readonly complaint: string;
  readonly exited: boolean;
  /** Milliseconds on the processor, its children included. */
  cpuMs(): number;
  /** Resolves when it has ended; it is stopped where that takes longer. */
  finished(timeoutMs: number): Promise<void>;
  /** SIGTERM, after five seconds SIGKILL. */
  stop(): Promise<void>;
}

const all = new Set<Running>();

export async function stopAll(): Promise<void> {
  await Promise.all([...all].map((running) => running.stop()));
}

export interface Launch {
  readonly core: number;
  readonly cwd?: string;
  /** Takes what it writes to standard output. */
  readonly onOutput?: (text: string) => void;
}

export function launch(command: string, args: readonly string[], { core, cwd, onOutput }: Launch): Running {
  const [file, ...rest] = pinning ? ['taskset', '-c', String(core), command, ...args] : [command, ...args];
  const child = spawn(file as string, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
  let lines = 0;
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    onOutput?.(chunk.toString());
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  child.on('error', (error) => {
    complaint = `${complaint}${error.message}`;
  });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const running: Running = {
    pid: child.pid ?? -1,
    get lines() {
      return lines;
    },
    get complaint() {
      return complaint.trim();
    },
    get exited() {
      return hasExited(child);
    },
    cpuMs: () => treeCpuMs(child.pid ?? -1),
    async finished(timeoutMs) {
      await within(gone, timeoutMs);
      await running.stop();
    },
    async stop() {
      all.delete(running);
      if (hasExited(child)) return;
      child.kill('SIGTERM');
      await within(gone, 5000);
      if (!hasExited(child)) child.kill('SIGKILL');
      await gone;
    },
  };
  all.add(running);
  return running;
}

async function within(what: Promise<void>, timeoutMs: number): Promise<void> {
  const patience = new AbortController();
  await Promise.race([what, sleep(timeoutMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
}

function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** User and system time of a process and what it started; proc(5), clock ticks of 10 ms. */
function treeCpuMs(root: number): number {
  const parents = new Map<number, number>();
  const ticks = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const fields = statFields(pid);
    if (fields === undefined) continue;
    parents.set(pid, Number(fields[1]));
    ticks.set(pid, Number(fields[11]) + Number(fields[12]));
  }
  let sum = 0;
  for (const [pid, spent] of ticks) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root) at = parents.get(at);
    if (at === root) sum += spent;
  }
  return sum * 10;
}

/** From the third field of /proc/PID/stat on: the second may contain spaces. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // It ended between the listing and the reading.
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Waits until `url` answers 2xx. @throws what the process said, where it ends or does not answer in time. */
export async function untilAnswers(url: string, running: Running, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !running.exited) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(
    running.exited ? `it ended: ${running.complaint}` : `no answer from ${url} within ${timeoutMs / 1000} s. ${running.complaint}`,
  );
}
