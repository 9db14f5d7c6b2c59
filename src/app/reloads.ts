import { FileWatch, type WatchedFile } from '../adapters/config-watch/file-watch.ts';
import { fingerprintOf } from '../adapters/config-watch/fingerprint.ts';
import type { Problem } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import type { SettingsSource } from '../config/source.ts';
import { ListenError } from '../core/listen-error.ts';
import type { Logger, Meter, Random, Timer, Timers } from '../core/ports.ts';
import { ContractPolls, type RemotePart } from './contract-polls.ts';
import type { Contracts, LoadedContracts } from './contracts.ts';
import type { Generations } from './generations.ts';
import { ReloadReport, type Trigger } from './reload-report.ts';
import { takeable } from './restart-bound.ts';
import { settingsDigest } from './settings-digest.ts';

export interface ReloadParts {
  readonly source: SettingsSource;
  readonly contracts: Contracts;
  readonly generations: Generations;
  /** For what waits long: polling, another try. */
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly meter: Meter;
  /** These settings are in force now. */
  readonly onTaken: (settings: Settings) => void;
}

/** Reads the configuration again when its files change or somebody asks, one reading at a time, and puts it in force where it is fine. */
export class Reloads {
  readonly #parts: ReloadParts;
  readonly #report: ReloadReport;
  readonly #watch: FileWatch;
  readonly #polls: ContractPolls;
  #settings: Settings;
  #contractFiles: readonly WatchedFile[];
  #remote: readonly RemotePart[];
  #running: Promise<void> | undefined = undefined;
  /** Asked for while a reading runs, which may have read before the change. */
  #next: Trigger | undefined = undefined;
  #retry: Timer | undefined = undefined;
  /** Directories without events: said once. */
  readonly #blind = new Set<string>();
  #stopped = false;

  /** `settings` are in force, with these contracts. */
  constructor(parts: ReloadParts, settings: Settings, { files, remote }: LoadedContracts) {
    this.#parts = parts;
    this.#settings = settings;
    this.#contractFiles = files;
    this.#remote = remote;
    this.#report = new ReloadReport(parts.logger, parts.meter);
    this.#watch = new FileWatch({
      timers: parts.timers,
      onChange: () => void this.ask('change'),
      onBlind: (directory, code) => {
        if (this.#blind.has(directory)) return;
        this.#blind.add(directory);
        parts.logger.warn({ directory, code }, 'the system tells of no changes in this directory: they are found by polling alone');
      },
    });
    this.#polls = new ContractPolls({ timers: parts.timers, random: parts.random, onChange: () => void this.ask('change') });
  }

  /** Begins to watch. */
  async start(): Promise<void> {
    await this.#watchFiles();
  }

  /** Reads again; resolves when a reading that began after this call is over. Never rejects. */
  ask(trigger: Trigger): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#running === undefined) this.#running = this.#run(trigger);
    else if (this.#next !== 'signal') this.#next = trigger;
    return this.#running;
  }

  /** For good. A reading that runs changes nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#watch.stop();
    this.#polls.stop();
  }

  async #run(first: Trigger): Promise<void> {
    for (let trigger: Trigger | undefined = first; trigger !== undefined && !this.#stopped; trigger = this.#next) {
      this.#next = undefined;
      this.#retry?.cancel();
      this.#report.begin(trigger);
      try {
        // A person who asks means what lies there now, wherever that is.
        if (trigger === 'signal') await this.#polls.ask(this.#remote);
        await this.#read();
        await this.#watchFiles();
      } catch (error) {
        this.#report.failed(error);
      }
    }
    this.#running = undefined;
  }

  async #read(): Promise<void> {
    const { source, contracts, generations } = this.#parts;
    const parsed = await source.read();
    if (this.#stopped) return;
    if (parsed.settings === undefined) {
      // The contracts were not read: what is known of them is what the watch has seen.
      this.#contractFiles = this.#contractFiles.map((file) => ({ ...file, fingerprint: undefined }));
      return this.#report.refused(generations.number, parsed.problems);
    }
    const { settings, waiting } = takeable(this.#settings, parsed.settings);
    const digest = settingsDigest(settings);
    const same = digest === settingsDigest(this.#settings);
    const loaded = await contracts.load(settings, same ? 'each' : 'whole');
    if (this.#stopped) return;
    this.#contractFiles = loaded.files;
    this.#remote = loaded.remote;
    if (loaded.fatal.length > 0) {
      contracts.refuse(loaded);
      return this.#report.refused(generations.number, loaded.fatal);
    }
    if (same && !loaded.changed) {
      contracts.take(loaded);
      this.#report.unchanged(loaded);
    } else {
      const was = generations.listeners.inForce.map(({ name, url }) => ({ name, url }));
      const refusal = await this.#take(settings, loaded);
      if (refusal === 'stopped') return;
      if (refusal !== undefined) return this.#tryAgain(refusal);
      const contracts = [...loaded.byName].map(([name, { version, digest: of }]) => `${name} ${version} (${of})`);
      this.#report.taken(generations.number, digest, contracts, was, generations.listeners.inForce);
    }
    this.#report.doubts(parsed.problems, loaded);
    this.#report.waiting(waiting);
  }

  /** Undefined: it is in force. */
  async #take(settings: Settings, loaded: LoadedContracts): Promise<Problem | 'stopped' | undefined> {
    const { contracts, generations, onTaken } = this.#parts;
    try {
      if (!(await generations.take(settings, loaded.byName))) return 'stopped';
    } catch (error) {
      if (error instanceof ListenError) return portProblem(error, settings);
      throw error;
    }
    contracts.take(loaded);
    this.#settings = settings;
    onTaken(settings);
    return undefined;
  }

  /** A port may become free without any file changing. */
  #tryAgain(problem: Problem): void {
    const { generations, timers } = this.#parts;
    this.#report.refused(generations.number, [problem]);
    if (this.#settings.reload.watch) this.#retry = timers.after(this.#settings.reload.pollMs, () => void this.ask('retry'));
  }

  async #watchFiles(): Promise<void> {
    const files: WatchedFile[] = [];
    for (const { path, bytes, maxBytes } of this.#parts.source.files)
      files.push({ path, fingerprint: await fingerprintOf(bytes), maxBytes });
    if (this.#stopped) return;
    const { watch, pollMs } = this.#settings.reload;
    if (watch) this.#watch.watch(unique([...files, ...this.#contractFiles]), pollMs);
    else this.#watch.stop();
    this.#polls.watch(watch ? this.#remote : []);
  }
}

/** A file that several contracts refer to is read for each; where it changed in between, it has changed for one of them. */
function unique(files: readonly WatchedFile[]): WatchedFile[] {
  const byPath = new Map<string, WatchedFile>();
  for (const file of files) {
    const other = byPath.get(file.path);
    byPath.set(
      file.path,
      other === undefined || other.fingerprint === file.fingerprint ? file : { ...file, fingerprint: 'read differently' },
    );
  }
  return [...byPath.values()];
}

function portProblem({ message, listener }: ListenError, settings: Settings): Problem {
  const pointer = `/listeners/${listener.replace('listener ', '')}/port`;
  return { severity: 'error', code: 'cannot_listen', message, ...settings.placeOf(pointer), pointer };
}
