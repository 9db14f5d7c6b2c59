import type { Timer, Timers } from '../../core/ports.ts';
import { type DirectoryEvents, Directories } from './directories.ts';
import { type Fingerprint, SPECIAL, fingerprint } from './fingerprint.ts';

export interface WatchedFile {
  /** Absolute. */
  readonly path: string;
  /** Of what was read of it last; undefined where nobody has read it. */
  readonly fingerprint: Fingerprint | undefined;
  /** What is larger counts as unreadable. */
  readonly maxBytes: number;
}

/** A file that changes is looked at again so much later, until two looks agree: nobody wants half of what is being written. */
export const SETTLE_MS = 50;
/** A file that never rests is taken as it is. */
const MAX_LOOKS = 40;

export interface FileWatchOptions {
  readonly timers: Timers;
  /** The files have changed, and rest. They are taken for known from then on, whoever reads them. */
  readonly onChange: () => void;
  /** A directory that the system gives no events for: its files are seen by polling alone. */
  readonly onBlind: (directory: string, code: string) => void;
  /** What tests put in place of the system. */
  readonly fingerprint?: (path: string, maxBytes: number) => Promise<Fingerprint>;
  readonly directories?: (events: DirectoryEvents) => Pick<Directories, 'watch' | 'close'>;
}

/**
 * Tells when files have changed, by events of the system and by comparing what they hold. Compared is with what was *read*, not
 * with an earlier look: what changes while it is being read is seen as a change.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #fingerprint: (path: string, maxBytes: number) => Promise<Fingerprint>;
  readonly #directories: Pick<Directories, 'watch' | 'close'>;
  #files: readonly WatchedFile[] = [];
  /** Fingerprints that are no news, in the order of the files. */
  #known: (Fingerprint | undefined)[] = [];
  /** What the last look found, where that was news. */
  #unsettled: readonly Fingerprint[] | undefined = undefined;
  #looks = 0;
  #pollMs = 0;
  #timer: Timer | undefined = undefined;
  #timerIs: 'poll' | 'soon' | undefined = undefined;
  /** Counts the calls of `watch`: a look that began before one is about other files. */
  #edition = 0;
  #eventDuringLook = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#fingerprint = options.fingerprint ?? fingerprint;
    const events: DirectoryEvents = { onEvent: () => this.#onEvent(), onBlind: options.onBlind };
    this.#directories = options.directories?.(events) ?? new Directories(events);
  }

  /** From now on these files, compared every `pollMs` milliseconds besides the events. */
  watch(files: readonly WatchedFile[], pollMs: number): void {
    const before = new Map(this.#files.map(({ path }, i) => [path, this.#known[i]]));
    this.#edition += 1;
    this.#files = files;
    this.#known = files.map((file) => file.fingerprint ?? before.get(file.path));
    this.#unsettled = undefined;
    this.#looks = 0;
    this.#pollMs = pollMs;
    this.#directories.watch(files.map(({ path }) => path));
    // What changed since it was read, and before there was an ear for it.
    this.#schedule('soon');
  }

  stop(): void {
    this.#edition += 1;
    this.#files = [];
    this.#known = [];
    this.#timer?.cancel();
    this.#timerIs = undefined;
    this.#directories.close();
  }

  #onEvent(): void {
    if (this.#timerIs === 'poll') this.#schedule('soon');
    else if (this.#timerIs === undefined) this.#eventDuringLook = true;
  }

  #schedule(when: 'poll' | 'soon'): void {
    this.#timer?.cancel();
    this.#timerIs = when;
    this.#timer = this.#options.timers.after(when === 'soon' ? SETTLE_MS : this.#pollMs, () => {
      this.#timerIs = undefined;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const edition = this.#edition;
    this.#eventDuringLook = false;
    const seen: Fingerprint[] = [];
    for (const { path, maxBytes } of this.#files) {
      seen.push(await this.#fingerprint(path, maxBytes));
      if (edition !== this.#edition) return;
    }
    this.#known = this.#known.map((known, i) => known ?? seen[i]);
    if (!seen.some((now, i) => now !== SPECIAL && now !== this.#known[i])) {
      this.#unsettled = undefined;
      this.#looks = 0;
      return this.#schedule(this.#eventDuringLook ? 'soon' : 'poll');
    }
    this.#looks += 1;
    const rests = this.#unsettled?.every((then, i) => then === seen[i]) ?? false;
    this.#unsettled = seen;
    if (!rests && this.#looks < MAX_LOOKS) return this.#schedule('soon');
    this.#known = seen;
    this.#unsettled = undefined;
    this.#looks = 0;
    this.#schedule('poll');
    this.#options.onChange();
  }
}
