import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Shorter reads are copied into memory that many share. */
const MIN_BYTES = 4096;
const COLLECT_BYTES = 16 * 1024 * 1024;

/**
 * Counts the memory that was read into and handed on. It is dead as soon as it has been written, but V8 leaves it until its next full
 * collection: 60 MB of it for a stream of large bodies, and as much CPU for those collections as for the forwarding itself. Collecting
 * the young, where nearly all of it is, takes less than a millisecond.
 */
export class HandedOn {
  readonly #collect: () => void;
  #bytes = 0;

  constructor(collect: () => void) {
    this.#collect = collect;
  }

  add(bytes: number): void {
    if (bytes < MIN_BYTES) return;
    this.#bytes += bytes;
    if (this.#bytes < COLLECT_BYTES) return;
    this.#bytes = 0;
    this.#collect();
  }
}

type Collector = (options: { readonly type: 'minor'; readonly execution: 'sync' }) => void;
let collector: Collector | undefined;

/** V8 shows its collector to contexts that are made while it is told to. Made when it is first needed: small requests never do. */
function youngCollector(): Collector {
  setFlagsFromString('--expose-gc');
  const found = runInNewContext('typeof gc === "function" ? gc : undefined') as Collector | undefined;
  setFlagsFromString('--no-expose-gc');
  return found ?? (() => undefined);
}

/** Of this process. */
export const handedOn = new HandedOn(() => {
  collector ??= youngCollector();
  collector({ type: 'minor', execution: 'sync' });
});
