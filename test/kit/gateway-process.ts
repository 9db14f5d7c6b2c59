import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AccessLines } from './access-lines.ts';
import { scrape } from './exposition.ts';
import { ACCESS_LOG, type GatewayOptions, configurationText } from './gateway-config.ts';
import { until } from './until.ts';

/** `plumbline run` in a process of its own: its memory is its own, and signals reach it. */
export interface GatewayProcess {
  readonly port: number;
  readonly adminUrl: string;
  /** Path of its configuration. */
  readonly config: string;
  readonly log: AccessLines;
  /** Resident memory. */
  rssBytes(): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it wrote to stderr so far. */
  readonly stderr: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A busy machine is slow to start a process; long for a person, but no rule is about it. */
const START_MS = 30_000;
const COMMAND = fileURLToPath(new URL('../../bin/plumbline.js', import.meta.url));

/** Starts the command and waits for the addresses that it announces. */
export async function startGatewayProcess(options: GatewayOptions): Promise<GatewayProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-'));
  const config = join(dir, 'plumbline.yaml');
  writeFileSync(config, configurationText(options, dir));
  const child = spawn(process.execPath, [COMMAND, 'run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const announced = (name: string): Promise<string> =>
    until(
      () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${stderr}`);
        return new RegExp(`plumbline ${name} +(\\S+)\\n`).exec(stderr)?.[1];
      },
      `the address of ${name}`,
      START_MS,
    );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
    rmSync(dir, { recursive: true, force: true });
  };
  let port: number;
  let adminUrl: string;
  try {
    port = Number(new URL(await announced('main')).port);
    adminUrl = await announced('admin');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    adminUrl,
    config,
    log: new AccessLines(join(dir, ACCESS_LOG)),
    rssBytes: async () => (await scrape(adminUrl)).value('process_resident_memory_bytes'),
    kill: (signal) => void child.kill(signal),
    exited,
    get stderr() {
      return stderr;
    },
    [Symbol.asyncDispose]: stop,
  };
}
