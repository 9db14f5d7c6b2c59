import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process in a group of its own, with all it says on either stream kept together. */
export class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<number>;
  output = '';

  constructor(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env) {
    this.process = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exited = new Promise((resolve, reject) => {
      this.process.on('error', reject);
      this.process.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
    });
  }

  /** Resolves when the output matches. @throws when that takes longer than `ms`, or when it ends before. */
  async says(pattern: RegExp, ms: number): Promise<RegExpExecArray> {
    let code: number | undefined;
    void this.exited.then((exitCode) => {
      code = exitCode;
    });
    for (const until = performance.now() + ms; performance.now() < until; await sleep(50)) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (code !== undefined) break;
    }
    throw new Error(
      `${pattern} was not said ${code === undefined ? `within ${ms} ms` : `before it ended with ${code}`}; it said:\n${this.output}`,
    );
  }

  /** @throws when it has not ended after `ms`. */
  async exits(ms: number): Promise<number> {
    const late = new AbortController();
    const timer = sleep(ms, undefined, { signal: late.signal }).then(
      () => Promise.reject(new Error(`it did not end within ${ms} ms`)),
      () => 0,
    );
    const code = await Promise.race([this.exited, timer]);
    late.abort();
    return code;
  }

  /** Whether anything of its group still runs. */
  get alive(): boolean {
    try {
      return process.kill(-(this.process.pid as number), 0);
    } catch {
      return false;
    }
  }

  kill(): void {
    if (this.alive) process.kill(-(this.process.pid as number), 'SIGKILL');
  }
}
