import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WORK } from './tools.ts';

/** Files of a control group, in either version of the interface. */
interface Interface {
  readonly folder: string;
  readonly limit: string;
  readonly peak: string;
  readonly kills: string;
}

const V2: Interface = { folder: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', kills: 'memory.events' };
const V1: Interface = {
  folder: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  kills: 'memory.oom_control',
};

let serial = 0;

/** What a container may take of memory, as the kernel holds it to: beyond it, it is killed. */
export class MemoryLimit {
  readonly #interface: Interface;
  readonly #folder: string;

  private constructor(found: Interface, folder: string) {
    this.#interface = found;
    this.#folder = folder;
  }

  /** Undefined where this machine does not let us: then what it takes can only be looked at. */
  static of(bytes: number): MemoryLimit | undefined {
    for (const found of [V2, V1]) {
      const folder = join(found.folder, `${basename(process.env[WORK] ?? 'plumbline-node')}-${++serial}`);
      try {
        if (!existsSync(join(found.folder, 'cgroup.procs'))) continue;
        mkdirSync(folder);
        writeFileSync(join(folder, found.limit), String(bytes));
        return new MemoryLimit(found, folder);
      } catch {
        if (existsSync(folder)) rmdirSync(folder);
      }
    }
    return undefined;
  }

  /** As the kernel has it, which counts in pages; 0 where it says nothing of a number. */
  get bytes(): number {
    return Number.parseInt(readFileSync(join(this.#folder, this.#interface.limit), 'utf8'), 10) || 0;
  }

  /** The processes that it holds. */
  get pids(): number[] {
    return readFileSync(this.procs, 'utf8').split('\n').filter(Boolean).map(Number);
  }

  /** Where a process writes 0 to be in it. */
  get procs(): string {
    return join(this.#folder, 'cgroup.procs');
  }

  /** The most that was taken, pages of files with it; undefined where the kernel does not say. */
  get peakBytes(): number | undefined {
    try {
      return Number(readFileSync(join(this.#folder, this.#interface.peak), 'utf8'));
    } catch {
      return undefined;
    }
  }

  get kills(): number {
    const text = readFileSync(join(this.#folder, this.#interface.kills), 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** When nothing runs in it any more. */
  close(): void {
    try {
      rmdirSync(this.#folder);
    } catch {
      // Its last process is just ending: `sweep` comes later.
    }
  }

  /** Takes away what a run in that folder left of groups, when all its processes are gone. @throws where one of them is not. */
  static async sweep(work: string): Promise<void> {
    for (const { folder } of [V2, V1]) {
      const left = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${basename(work)}-`)) : [];
      for (const name of left) await removed(join(folder, name));
    }
  }
}

/** The kernel lets go of a group a moment after its last process. */
async function removed(folder: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return rmdirSync(folder);
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(20);
    }
  }
}
