import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Gateway, startGateway } from '../../src/app/gateway.ts';
import type { Settings } from '../../src/config/settings.ts';
import { FileSource } from '../../src/config/source.ts';
import { type Exposition, scrape } from './exposition.ts';
import { type GatewayOptions, configurationText } from './gateway-config.ts';
import { until } from './until.ts';

/** The real gateway in this process, on free ports, with its configuration in a file that a test changes. */
export interface ReloadingGateway {
  readonly gateway: Gateway;
  /** Where the configuration is, and what it names. */
  readonly dir: string;
  /** The configuration's own path. */
  readonly file: string;
  /** Of the listener `main`, or of the one that is named. */
  port(listener?: string): number;
  metrics(): Promise<Exposition>;
  /** A path of the admin API. */
  admin<T>(path: string): Promise<T>;
  /** Of the configuration in force. */
  generation(): Promise<number>;
  /** Waits until the files have been taken so often. */
  reaches(generation: number): Promise<void>;
  /** Writes the configuration, renamed over the old one, and has it read. */
  reload(options: GatewayOptions | string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Long for a watch; no rule is about it. */
const TAKEN_MS = 15_000;
/** Nothing is read but at `reload()`. */
export const UNWATCHED = { reload: { watch: false }, drain: { grace: '200ms' } };
/** Found by events alone within the time of a test. */
export const BY_EVENT = { reload: { poll: '1h' }, drain: { grace: '200ms' } };
/** Found by polling within the time of a test. */
export const BY_POLL = { reload: { poll: '100ms' }, drain: { grace: '200ms' } };

export async function startReloading(options: GatewayOptions | ((dir: string) => GatewayOptions)): Promise<ReloadingGateway> {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-reload-'));
  const file = join(dir, 'plumbline.yaml');
  writeFileSync(file, configurationText(typeof options === 'function' ? options(dir) : options, dir));
  try {
    return await startFrom(dir, file);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** From a file that is there already; disposing of it removes `dir`. */
export async function startFrom(dir: string, file: string): Promise<ReloadingGateway> {
  const source = new FileSource({ file: 'plumbline.yaml', cwd: join(file, '..'), env: {} });
  const { settings, problems } = await source.read();
  if (settings === undefined) throw new Error(problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
  const gateway = await startGateway(settings as Settings, source);
  const admin = async <T>(path: string): Promise<T> => (await (await fetch(gateway.admin.url + path)).json()) as T;
  const generation = async (): Promise<number> => (await admin<{ generation: number }>('/api/config')).generation;
  return {
    gateway,
    dir,
    file,
    port: (name = 'main') => Number(new URL(gateway.listeners.find((listener) => listener.name === name)?.url ?? '').port),
    metrics: () => scrape(gateway.admin.url),
    admin,
    generation,
    reaches: async (wanted) => void (await until(async () => (await generation()) >= wanted, `generation ${wanted}`, TAKEN_MS)),
    async reload(next) {
      replaceFile(file, typeof next === 'string' ? next : configurationText(next, dir));
      await gateway.reload();
    },
    async [Symbol.asyncDispose]() {
      await gateway.drain();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** As editors and package managers write: nobody ever sees half a file. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
