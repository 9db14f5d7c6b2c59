import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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
      const folder = join(found.folder, `plumbline-${process.env.PLUMBLINE_CI_RUN ?? 'run'}-${Date.now()}-${++serial}`);
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
      // Its last process is just ending; an empty group takes nothing.
    }
  }
}
