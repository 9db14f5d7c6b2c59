import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileSource, PodSpec, Volume } from './pod-spec.ts';

export type Keys = Readonly<Record<string, string>>;

/** Volumes of one pod as kubelet lays them out; `folder` is theirs alone. */
export class Volumes {
  readonly #folder: string;
  readonly #volumes: readonly Volume[];
  readonly #fsGroup: number | undefined;
  /** By volume, as JSON: what is the same is not written again. */
  readonly #written = new Map<string, string>();
  #serial = 0;

  constructor(folder: string, { volumes = [], securityContext }: PodSpec) {
    this.#folder = folder;
    this.#volumes = volumes;
    this.#fsGroup = securityContext?.fsGroup;
  }

  pathOf(name: string): string {
    if (!this.#volumes.some((volume) => volume.name === name)) throw new Error(`there is no volume ${name}`);
    return join(this.#folder, name);
  }

  /** Whether a container may only read it: files of the API are never written to. */
  isReadOnly(name: string): boolean {
    return this.#volumes.find((volume) => volume.name === name)?.emptyDir === undefined;
  }

  /** Lays out what there is not yet, and takes what has changed. @throws where something that must be there is not. */
  update(keysOf: (kind: 'configMap' | 'secret', name: string) => Keys | undefined): void {
    for (const volume of this.#volumes) {
      const path = join(this.#folder, volume.name);
      const { configMap, secret } = volume;
      if (configMap !== undefined) this.#write(path, configMap, `configmap ${configMap.name}`, keysOf('configMap', configMap.name));
      else if (secret !== undefined) this.#write(path, secret, `secret ${secret.secretName}`, keysOf('secret', secret.secretName));
      else if (volume.emptyDir !== undefined) this.#empty(path);
      else throw new Error(`volume ${volume.name} is of no kind that is played here`);
    }
  }

  #empty(path: string): void {
    if (existsSync(path)) return;
    mkdirSync(path, { recursive: true });
    if (this.#fsGroup !== undefined) chownSync(path, 0, this.#fsGroup);
    chmodSync(path, 0o777);
  }

  #write(path: string, source: FileSource, what: string, keys: Keys | undefined): void {
    if (keys === undefined && source.optional !== true) throw new Error(`MountVolume.SetUp failed: ${what} not found`);
    const files: Record<string, string> = {};
    for (const { key, path: file } of source.items ?? Object.keys(keys ?? {}).map((name) => ({ key: name, path: name }))) {
      const text = keys?.[key];
      if (text !== undefined) files[file] = text;
      else if (source.optional !== true) throw new Error(`MountVolume.SetUp failed: ${what} has no key ${key}`);
    }
    const text = JSON.stringify(files);
    if (this.#written.get(path) === text) return;
    this.#serial += 1;
    writeAtomically(path, files, source.defaultMode ?? 0o644, this.#serial);
    this.#written.set(path, text);
  }
}

/**
 * As kubelet's AtomicWriter: all files in a new folder with a time in its name, `..data` renamed over to point to it, and a link through `..data` for each file; then
 * the old folder goes. What reads through the links sees one version or the other.
 */
export function writeAtomically(path: string, files: Keys, mode: number, serial: number): void {
  mkdirSync(path, { recursive: true });
  const data = join(path, '..data');
  const before = existsSync(data) ? readlinkSync(data) : undefined;
  const folder = `..${new Date().toISOString().replaceAll(/[-:T]/g, '_').replace('Z', '')}.${serial}`;
  mkdirSync(join(path, folder));
  chmodSync(join(path, folder), 0o755);
  for (const [file, text] of Object.entries(files)) {
    const to = join(path, folder, file);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
    chmodSync(to, mode);
  }
  symlinkSync(folder, join(path, '..data_tmp'));
  renameSync(join(path, '..data_tmp'), data);
  const shown = new Set(Object.keys(files).map((file) => file.split('/', 1)[0] as string));
  for (const name of shown) if (!existsSync(join(path, name))) symlinkSync(join('..data', name), join(path, name));
  for (const name of readdirSync(path)) if (!name.startsWith('..') && !shown.has(name)) rmSync(join(path, name));
  if (before !== undefined) rmSync(join(path, before), { recursive: true });
}
