import { LRUCache } from 'lru-cache';
import type { Counter } from '../../core/ports.ts';
import type { StoreRecord, StoreRecords } from '../../core/store.ts';
import { type Records, forgetExpiredInTurn, forgetExpiredOldest, remove } from './expired.ts';
import { recordBytes, withOwnBytes } from './record-bytes.ts';

/** How often expired records are looked for that nobody asks for, milliseconds; and how many are looked at. */
const SWEEP_MS = 100;
const SWEPT = 1000;
/** Looked at where there is no room: each record that is refused pays for it. */
const SWEPT_IN_NEED = 64;

export interface SpaceCounters {
  readonly evictions: Counter;
  readonly refused: Counter;
}

/**
 * The records of one space. Those in use stand in a cache of their own: to find the least recently used one that may go, nobody
 * has to walk past those that may not. They are no Map, though their order is of no use: a cache keeps its values in slots that are
 * used again, while the old hash tables of a Map that is filled and emptied keep what was in them alive (measured: half the throughput).
 */
export class Space implements StoreRecords {
  readonly #maxBytes: number;
  readonly #counters: SpaceCounters;
  readonly #loose: Records;
  readonly #pinned: Records;
  /** Handed to the caches again and again. */
  readonly #sized = { size: 0 };
  #nowMs = 0;
  #sweepAt = 0;

  /** Both numbers of bytes and records are whole and positive. */
  constructor(maxBytes: number, counters: SpaceCounters) {
    this.#maxBytes = maxBytes;
    this.#counters = counters;
    this.#loose = new LRUCache({ maxSize: maxBytes });
    this.#pinned = new LRUCache({ maxSize: maxBytes });
  }

  get records(): number {
    return this.#loose.size + this.#pinned.size;
  }

  get bytes(): number {
    return this.#loose.calculatedSize + this.#pinned.calculatedSize;
  }

  /** What comes next happens at this instant. */
  at(nowMs: number): this {
    this.#nowMs = nowMs;
    return this;
  }

  get(key: string): StoreRecord | undefined {
    const record = this.#loose.get(key) ?? this.#pinned.peek(key);
    if (record === undefined || record.expiresAt > this.#nowMs) return record;
    this.delete(key);
    return undefined;
  }

  set(key: string, given: StoreRecord): boolean {
    if (this.#nowMs >= this.#sweepAt) this.#sweep();
    const record = withOwnBytes(given);
    const bytes = recordBytes(key, record);
    const [to, from] = record.pinned === true ? [this.#pinned, this.#loose] : [this.#loose, this.#pinned];
    if (!this.#couldHold(key, bytes)) {
      this.#counters.refused.inc();
      return false;
    }
    remove(from, key);
    this.#makeRoom(bytes - bytesOf(to, key));
    this.#sized.size = bytes;
    to.set(key, record, this.#sized);
    return true;
  }

  delete(key: string): void {
    remove(this.#loose, key);
    remove(this.#pinned, key);
  }

  /** Whether it would fit if every loose record went, and the one that it replaces. */
  #couldHold(key: string, bytes: number): boolean {
    if (this.#pinned.calculatedSize + bytes <= this.#maxBytes) return true;
    forgetExpiredInTurn(this.#pinned, SWEPT_IN_NEED, this.#nowMs);
    return this.#pinned.calculatedSize - bytesOf(this.#pinned, key) + bytes <= this.#maxBytes;
  }

  /** The one that is replaced has just been used, and so is the last that would go; by then there is room. */
  #makeRoom(moreBytes: number): void {
    while (this.bytes + moreBytes > this.#maxBytes) {
      const gone = this.#loose.pop() as StoreRecord;
      if (gone.expiresAt > this.#nowMs) this.#counters.evictions.inc();
    }
  }

  #sweep(): void {
    this.#sweepAt = this.#nowMs + SWEEP_MS;
    forgetExpiredOldest(this.#loose, SWEPT, this.#nowMs);
    forgetExpiredInTurn(this.#pinned, SWEPT, this.#nowMs);
  }
}

/** Of the record under this key, which becomes the newest; 0 where there is none. */
function bytesOf(records: Records, key: string): number {
  const record = records.get(key);
  return record === undefined ? 0 : recordBytes(key, record);
}
