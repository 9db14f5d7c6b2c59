import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** What Kubernetes swaps to change all files of a mounted volume at once; the files themselves are links through it. */
const VOLUME_DATA = '..data';

export interface DirectoryEvents {
  /** A name changed that one of the files goes by. */
  onEvent(): void;
  /** The system gives no events for this directory (no watches left, a file system without them). */
  onBlind(directory: string, code: string): void;
}

/**
 * Events of the system about files. It is their directories that are watched: editors write a new file and rename it over the old one, and
 * a watch on a file would stay with the file that is gone.
 */
export class Directories {
  readonly #events: DirectoryEvents;
  #watchers: FSWatcher[] = [];

  constructor(events: DirectoryEvents) {
    this.#events = events;
  }

  /** Begins anew: a directory that was replaced since is another one under the same name. */
  watch(files: readonly string[]): void {
    this.close();
    const names = new Map<string, Set<string>>();
    for (const file of files) {
      const directory = dirname(file);
      const wanted = names.get(directory) ?? new Set([VOLUME_DATA]);
      names.set(directory, wanted.add(basename(file)));
    }
    for (const [directory, wanted] of names) this.#open(directory, wanted);
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  #open(directory: string, wanted: ReadonlySet<string>): void {
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        // A log file in the same directory is nobody's concern.
        if (name === null || wanted.has(name)) this.#events.onEvent();
      });
      watcher.on('error', (error) => {
        watcher.close();
        this.#blind(directory, error);
      });
      this.#watchers.push(watcher);
    } catch (error) {
      this.#blind(directory, error);
    }
  }

  /** A directory that is not there is no trouble of the system's: its files are missing, and that is reported as such. */
  #blind(directory: string, error: unknown): void {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#events.onBlind(directory, code);
  }
}
