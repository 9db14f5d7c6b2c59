import type { LineSink } from './line-sink.ts';

export interface LineWriterOptions {
  readonly sink: LineSink;
  /** Lines that were given up, whenever there are some. Must not throw. */
  readonly onDropped: (lines: number) => void;
  /** The destination began to fail, or works again (`undefined`). Must not throw. */
  readonly onState: (error: Error | undefined) => void;
  /** Most that waits in memory, in UTF-16 code units (4 Mi where left out); the same again may be on its way out. */
  readonly maxWaiting?: number;
}

/** A piece is handed over as soon as it is so long (code units), or so old. */
const PIECE_LENGTH = 32 * 1024;
const MAX_AGE_MS = 50;
/** After a failure the next try waits: a full disk is not asked ten thousand times a second. */
const RETRY_MS = 200;

/**
 * Collects lines and hands them over in pieces, one at a time. Never blocks, never throws, never grows: what comes while the
 * destination is stuck or broken is kept up to a limit, then dropped (the newest first) and counted.
 */
export class LineWriter {
  readonly #sink: LineSink;
  readonly #onDropped: (lines: number) => void;
  readonly #onState: (error: Error | undefined) => void;
  readonly #maxWaiting: number;
  #waiting = '';
  #waitingLines = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Lines of the piece that is on its way out; undefined where none is. */
  #writingLines: number | undefined;
  #failing = false;
  /** The last piece ended in the middle of a line: the next begins on a line of its own. */
  #torn = false;
  #closed = false;
  /** The grace of `close` is over: whatever is on its way has been counted as dropped. */
  #givenUp = false;
  #onIdle: (() => void) | undefined;

  constructor(options: LineWriterOptions) {
    this.#sink = options.sink;
    this.#onDropped = options.onDropped;
    this.#onState = options.onState;
    this.#maxWaiting = options.maxWaiting ?? 4 * 1024 * 1024;
  }

  /** `line` ends in a line feed. */
  write(line: string): void {
    if (this.#closed || this.#waiting.length + line.length > this.#maxWaiting) {
      this.#onDropped(1);
      return;
    }
    this.#waiting += line;
    this.#waitingLines += 1;
    if (this.#writingLines !== undefined) return;
    if (this.#waiting.length >= PIECE_LENGTH && !this.#failing) this.#hand();
    else this.#timer ??= setTimeout(this.#hand, this.#failing ? RETRY_MS : MAX_AGE_MS);
  }

  /** Writes what waits, for at most `graceMs`; what is left then is dropped. Nothing is written afterwards. */
  async close(graceMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#writingLines === undefined) this.#hand();
    if (this.#writingLines !== undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onIdle = resolve;
      const timer = setTimeout(resolve, graceMs);
      await promise;
      clearTimeout(timer);
      this.#onIdle = undefined;
    }
    clearTimeout(this.#timer);
    this.#givenUp = true;
    const left = this.#waitingLines + (this.#writingLines ?? 0);
    if (left > 0) this.#onDropped(left);
    this.#waiting = '';
    this.#waitingLines = 0;
    this.#sink.close();
  }

  readonly #hand = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting === '') return;
    const piece = Buffer.from(this.#torn ? `\n${this.#waiting}` : this.#waiting, 'utf8');
    this.#writingLines = this.#waitingLines;
    this.#waiting = '';
    this.#waitingLines = 0;
    this.#sink.write(piece, (written, error) => this.#handed(piece, written, error));
  };

  #handed(piece: Buffer, written: number, error: Error | undefined): void {
    if (this.#givenUp) return;
    this.#writingLines = undefined;
    if (written > 0) this.#torn = piece[written - 1] !== 0x0a;
    if (written < piece.length) this.#onDropped(linesIn(piece, written));
    const failing = written < piece.length;
    if (failing !== this.#failing) {
      this.#failing = failing;
      this.#onState(failing ? (error ?? new Error('the destination took only a part')) : undefined);
    }
    if (this.#closed) {
      if (this.#waiting !== '' && !failing) this.#hand();
      else this.#onIdle?.();
    } else if (this.#waiting.length >= PIECE_LENGTH && !failing) this.#hand();
    else if (this.#waiting !== '') this.#timer = setTimeout(this.#hand, failing ? RETRY_MS : MAX_AGE_MS);
  }
}

/** Line feeds from `from` on: that many lines were not, or not wholly, written. */
function linesIn(piece: Buffer, from: number): number {
  let count = 0;
  for (let at = piece.indexOf(0x0a, from); at >= 0; at = piece.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
