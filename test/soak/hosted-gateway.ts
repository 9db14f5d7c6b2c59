import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AccessLines } from '../kit/access-lines.ts';
import { ACCESS_LOG, configurationText, type GatewayOptions } from '../kit/gateway-config.ts';
import type { FromHost, Held } from './gateway-host.ts';

/** A gateway in a process of its own that can be asked what it holds. */
export interface HostedGateway {
  readonly port: number;
  readonly adminUrl: string;
  readonly log: AccessLines;
  /** After all garbage is gone. */
  measure(): Promise<Held>;
  /** Lines of a scrape that are samples. */
  series(): Promise<number>;
  /** What it said on stderr, the last of it. */
  readonly stderr: string;
  /** Ends it in order; rejects where that takes too long, or it ends otherwise. */
  drain(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const HOST = fileURLToPath(new URL('gateway-host.ts', import.meta.url));
/** As `bin/plumbline.js` starts it. */
const FLAGS = ['--max-semi-space-size=32', '--no-allocation-site-pretenuring', '--disable-warning=ExperimentalWarning'];
const PATIENCE_MS = 60_000;

export async function startHosted(options: GatewayOptions): Promise<HostedGateway> {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-'));
  const file = join(dir, 'plumbline.yaml');
  writeFileSync(file, configurationText(options, dir));
  const child = fork(HOST, [dir, file], { execArgv: FLAGS, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  let started: Exclude<FromHost, { readonly held: Held }>;
  try {
    const first = await heard(child, ended, () => stderr);
    if (!('port' in first)) throw new Error('the gateway said something else first');
    started = first;
  } catch (error) {
    await stop();
    throw error;
  }
  const { port, adminUrl } = started;
  return {
    port,
    adminUrl,
    log: new AccessLines(join(dir, ACCESS_LOG)),
    async measure() {
      child.send('measure');
      const said = await heard(child, ended, () => stderr);
      if (!('held' in said)) throw new Error('the gateway said something else');
      return said.held;
    },
    async series() {
      const text = await (await fetch(`${adminUrl}/metrics`, { headers: { accept: 'text/plain; version=0.0.4' } })).text();
      return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    },
    get stderr() {
      return stderr;
    },
    async drain() {
      child.send('drain');
      const [code] = await within(ended, 'the drain');
      if (code !== 0) throw new Error(`the gateway ended with ${code}: ${stderr}`);
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function heard(child: ChildProcess, ended: Promise<unknown[]>, stderr: () => string): Promise<FromHost> {
  const gone = ended.then(([code]): never => {
    throw new Error(`the gateway ended with ${code}: ${stderr()}`);
  });
  const [message] = await within(Promise.race([once(child, 'message'), gone]), 'the gateway to speak');
  return message as FromHost;
}

async function within<T>(what: Promise<T>, name: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited too long for ${name}`)), PATIENCE_MS);
  try {
    return await Promise.race([what, promise]);
  } finally {
    clearTimeout(timer);
  }
}
