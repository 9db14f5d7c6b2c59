import { FileWatch } from '../adapters/config-watch/file-watch.ts';
import { fingerprintOf } from '../adapters/config-watch/fingerprint.ts';
import { readBounded } from '../adapters/contract-source.ts';
import type { Logger, Timers } from '../core/ports.ts';

/** What a file held when it was read; or, for people, why it could not be. */
export type FileContents = { readonly bytes: Uint8Array } | { readonly fault: string };

export interface WatchedFilesParts {
  /** Absolute. */
  readonly paths: readonly string[];
  /** What is larger cannot be read. */
  readonly maxBytes: number;
  /** Between two looks, besides the system's events. */
  readonly pollMs: number;
  readonly timers: Timers;
  readonly logger: Logger;
  /** In the order of the paths. Must not throw. */
  readonly onContents: (contents: readonly FileContents[]) => void;
}

/** A few small files, read when it is opened and again whenever one of them has changed: by an editor, or by the swap of a mounted volume. */
export class WatchedFiles {
  readonly #parts: WatchedFilesParts;
  readonly #watch: FileWatch;
  readonly #blind = new Set<string>();
  #isStopped = false;

  constructor(parts: WatchedFilesParts) {
    this.#parts = parts;
    this.#watch = new FileWatch({
      timers: parts.timers,
      onChange: () => void this.#read(),
      onBlind: (directory, code) => {
        if (this.#blind.has(directory)) return;
        this.#blind.add(directory);
        parts.logger.warn({ directory, code }, 'the system tells of no changes in this directory: they are found by polling alone');
      },
    });
  }

  /** Resolves when they have been read for the first time. */
  async open(): Promise<void> {
    await this.#read();
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch.stop();
  }

  async #read(): Promise<void> {
    const { paths, maxBytes, pollMs, onContents } = this.#parts;
    const contents: FileContents[] = [];
    for (const path of paths) contents.push(await read(path, maxBytes));
    const fingerprints = await Promise.all(contents.map((one) => fingerprintOf('bytes' in one ? one.bytes : undefined)));
    if (this.#isStopped) return;
    onContents(contents);
    this.#watch.watch(
      paths.map((path, i) => ({ path, fingerprint: fingerprints[i], maxBytes })),
      pollMs,
    );
  }
}

async function read(path: string, maxBytes: number): Promise<FileContents> {
  try {
    return { bytes: await readBounded(path, maxBytes) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
