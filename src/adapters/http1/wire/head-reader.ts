import { CR, LF } from './characters.ts';

const END = Buffer.from('\r\n\r\n', 'latin1');

/** `too_large`: more than the limit, or it will be; `line_too_large`: not even its first line fits; `bare_lf`: a line that ends without CR. */
export type ReadFault = 'too_large' | 'line_too_large' | 'bare_lf';
/** A head as latin1, with the CR LF of its last line and without the empty line; undefined: more of it must come. */
export type HeadRead = { readonly text: string } | ReadFault | undefined;

/**
 * Finds heads in what comes from a connection, however it is cut into pieces. Most heads come in one piece and are never copied; of the
 * others no more than `maxBytes` are kept, and no byte is searched twice.
 */
export class HeadReader {
  readonly #maxBytes: number;
  #kept: Buffer | undefined = undefined;
  /** Where `#kept` lies, with room for more: a head that drips byte by byte is not copied byte by byte. */
  #memory: Buffer | undefined = undefined;
  /** How many bytes of the chunk last given belong to the head that `take` returned. */
  consumedBytes = 0;
  /** Of a head that is `too_large`: its first line, with CR LF. */
  refusedLine = '';

  /** @param maxBytes of a head, start line and all, without the empty line at its end. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The first bytes of a head are here, and not its end. */
  get started(): boolean {
    return this.#kept !== undefined;
  }

  /** `from`: where in `chunk` to go on. Of an incomplete head all the rest of `chunk` is taken. */
  take(chunk: Buffer, from: number): HeadRead {
    const kept = this.#kept;
    if (kept === undefined) {
      const end = chunk.indexOf(END, from);
      if (end < 0) return this.#keep(chunk.subarray(from), 0);
      this.consumedBytes = end + 4 - from;
      return this.#text(chunk, from, end);
    }
    const before = kept.length;
    const all = this.#append(kept, chunk.subarray(from));
    const end = all.indexOf(END, Math.max(0, before - 3));
    if (end < 0) return this.#keep(all, before);
    this.#kept = this.#memory = undefined;
    this.consumedBytes = end + 4 - before;
    return this.#text(all, 0, end);
  }

  #append(kept: Buffer, piece: Buffer): Buffer {
    const bytes = kept.length + piece.length;
    let memory = this.#memory;
    if (memory === undefined || bytes > memory.length) {
      memory = Buffer.allocUnsafeSlow(Math.max(bytes, kept.length * 2));
      memory.set(kept);
      this.#memory = memory;
    }
    memory.set(piece, kept.length);
    return memory.subarray(0, bytes);
  }

  #text(bytes: Buffer, from: number, end: number): HeadRead {
    if (end - from > this.#maxBytes) return this.#tooLarge(bytes.subarray(from, end));
    return { text: bytes.toString('latin1', from, end + 2) };
  }

  /** `seen`: how many of `bytes` were looked at before. */
  #keep(bytes: Buffer, seen: number): HeadRead {
    if (hasBareLf(bytes, seen)) return 'bare_lf';
    // Three bytes of the empty line may be here already.
    if (bytes.length > this.#maxBytes + 3) return this.#tooLarge(bytes);
    this.consumedBytes = bytes.length - seen;
    // A copy: what comes from the socket may be a piece of a large buffer that is used again.
    this.#kept = seen === 0 ? Buffer.from(bytes) : bytes;
    return undefined;
  }

  #tooLarge(bytes: Buffer): ReadFault {
    const line = bytes.indexOf('\r\n', 0, 'latin1');
    if (line < 0 || line > this.#maxBytes) return 'line_too_large';
    this.refusedLine = bytes.toString('latin1', 0, line + 2);
    return 'too_large';
  }
}

/** A line that ends with LF alone: seen at once, since a head that is written so never comes to the end that is waited for. */
function hasBareLf(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) if (at === 0 || bytes[at - 1] !== CR) return true;
  return false;
}
