import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe } from 'vitest';

/** A real Redis of this test's own, without persistence. */
export interface TestRedis {
  readonly port: number;
  /** `redis://127.0.0.1:port`. */
  readonly url: string;
  /** It keeps its connections and answers nothing (SIGSTOP). */
  pause(): void;
  resume(): void;
  /** Ends it at once; what it held is gone. Resolves when its port is free. */
  kill(): Promise<void>;
  /** Starts it again on its port, empty; ends it before, where it still runs. */
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const missing =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'no redis-server on this machine (Debian: redis-server)';
if (missing !== undefined) console.warn(`tests against a real Redis are skipped: ${missing}`);

/** `describe` for what needs a real Redis: skipped, and said so, where there is none. */
export const describeRedis: typeof describe | typeof describe.skip = missing === undefined ? describe : describe.skip;

/** A busy machine is slow to start a process. */
const START_MS = 20_000;

/** Starts one on a free port. `options`: as on its command line (`--requirepass`, `secret`). */
export async function startRedis(options: readonly string[] = []): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-redis-'));
  let port = 0;
  let running: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (running === undefined) return;
    const child = running;
    running = undefined;
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  const restart = async (): Promise<void> => {
    await kill();
    running = await started(port, dir, options);
    if (running === undefined) throw new Error(`redis-server does not start on port ${port}`);
  };
  try {
    // A port that was free may be taken before Redis has it.
    for (let tries = 0; running === undefined && tries < 10; tries++) {
      port = await freePort();
      running = await started(port, dir, options);
    }
    if (running === undefined) throw new Error('redis-server does not start');
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    pause: () => void running?.kill('SIGSTOP'),
    resume: () => void running?.kill('SIGCONT'),
    kill,
    restart,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Undefined where it ended without having been ready: its port is taken, or its options are wrong. */
async function started(port: number, dir: string, options: readonly string[]): Promise<ChildProcess | undefined> {
  const always = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', [...always, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ready = Promise.withResolvers<'ready' | 'ended' | 'late'>();
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('Ready to accept connections')) ready.resolve('ready');
  });
  child.once('exit', () => ready.resolve('ended'));
  const late = setTimeout(() => ready.resolve('late'), START_MS);
  const how = await ready.promise;
  clearTimeout(late);
  child.stdout.removeAllListeners('data').resume();
  if (how === 'ready') return child;
  child.kill('SIGKILL');
  if (how === 'late') throw new Error(`redis-server is not ready: ${said}`);
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** To look at what is in it. */
export function clientOf(redis: TestRedis, options: { password?: string; db?: number } = {}): Redis & Disposable {
  const client = new Redis({ port: redis.port, host: '127.0.0.1', ...options });
  client.on('error', () => undefined);
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}
