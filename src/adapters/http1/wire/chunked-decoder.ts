import { CR, HTAB, LF, SP, isFieldValueCode } from './characters.ts';
import { type HeadFault, parseFields } from './fields.ts';

/** Thirteen hex digits: 2^52 − 1 bytes, all of which a number can hold. */
const MAX_SIZE_DIGITS = 13;
/** Of a size line, its extensions with it (RFC 9112 §7.1.1): nobody needs more, and what is ignored must cost little. */
const MAX_LINE_BYTES = 1024;
/** Of all extensions of one body. Else a body of one-byte chunks makes us read a thousand bytes for each. */
const MAX_EXTENSION_BYTES = 16 * 1024;

type State = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'ended' | 'broken';

/** Takes the chunked coding off a body (RFC 9112 §7.1), in whatever pieces it comes. Strict: CR LF alone ends a line, sizes are plain hex. */
export class ChunkedDecoder {
  readonly #maxTrailerBytes: number;
  readonly #onData: (chunk: Buffer) => void;
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #extensionBytes = 0;
  #trailerText = '';
  /** Trailer fields (§7.1.2), once `ended`. */
  trailers: string[] = [];
  /** Why the rest can't be read, once `broken`. */
  fault: HeadFault = '';

  /** @param onData gets pieces of what is given to `decode`; @param maxTrailerBytes of the trailer section. */
  constructor(onData: (chunk: Buffer) => void, maxTrailerBytes: number) {
    this.#onData = onData;
    this.#maxTrailerBytes = maxTrailerBytes;
  }

  /** For another body. */
  reset(): void {
    this.#state = 'size';
    this.#size = this.#digits = this.#lineBytes = this.#extensionBytes = 0;
    this.#trailerText = '';
    this.trailers = [];
    this.fault = '';
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  get broken(): boolean {
    return this.#state === 'broken';
  }

  /** @returns where in `chunk` the body ends; its length where more must come, or where it is broken. */
  decode(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#state === 'data') {
        const end = Math.min(chunk.length, at + this.#size);
        this.#size -= end - at;
        this.#onData(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
        at = end;
        if (this.#size === 0) this.#state = 'data-cr';
      } else if (this.#state === 'trailers') {
        at = this.#readTrailers(chunk, at);
      } else if (this.#state === 'ended') {
        return at;
      } else if (this.#state === 'broken') {
        return chunk.length;
      } else {
        this.#step(chunk[at] as number);
        at += 1;
      }
    }
    return at;
  }

  #step(c: number): void {
    switch (this.#state) {
      case 'size':
        return this.#readSize(c);
      case 'extension':
        return this.#readExtension(c);
      case 'size-lf':
        if (c !== LF) return this.#break('a chunk size has a CR that ends no line');
        this.#state = this.#size === 0 ? 'trailers' : 'data';
        this.#digits = this.#lineBytes = 0;
        return;
      case 'data-cr':
        if (c !== CR) return this.#break('a chunk is longer than its size');
        this.#state = 'data-lf';
        return;
      default:
        if (c !== LF) return this.#break('a chunk does not end with CR LF');
        this.#state = 'size';
    }
  }

  #readSize(c: number): void {
    const digit = hexValue(c);
    if (digit >= 0) {
      this.#digits += 1;
      // Leading zeros count too: a size is no place to hide in.
      if (this.#digits > MAX_SIZE_DIGITS) return this.#break('a chunk size is too large');
      this.#size = this.#size * 16 + digit;
      return;
    }
    if (this.#digits === 0) return this.#break('a chunk does not begin with a size in hex');
    if (c === CR) this.#state = 'size-lf';
    else if (c === SEMICOLON || c === SP || c === HTAB) this.#beginExtension(c);
    else this.#break(c === LF ? 'the line of a chunk size ends without CR' : 'a chunk size is not plain hex');
  }

  /** Whitespace before `;` is bad whitespace that a recipient removes (§7.1.1); before the line's end it is none at all. */
  #beginExtension(c: number): void {
    if (c !== SEMICOLON) return this.#break('whitespace stands after a chunk size');
    this.#state = 'extension';
    this.#lineBytes = 1;
  }

  #readExtension(c: number): void {
    if (c === CR) {
      this.#state = 'size-lf';
      return;
    }
    if (!isFieldValueCode(c)) return this.#break('a chunk extension has a control character');
    this.#lineBytes += 1;
    this.#extensionBytes += 1;
    if (this.#lineBytes > MAX_LINE_BYTES || this.#extensionBytes > MAX_EXTENSION_BYTES) this.#break('chunk extensions are too long');
  }

  #readTrailers(chunk: Buffer, at: number): number {
    const before = this.#trailerText.length;
    this.#trailerText += chunk.toString('latin1', at, at + this.#maxTrailerBytes + 4 - before);
    const text = this.#trailerText;
    const lastLine = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n') + 2;
    if (lastLine === 1) {
      if (BARE_LF.test(text)) this.#break('a line of the trailer section ends without CR');
      else if (text.length > this.#maxTrailerBytes + 3) this.#break('the trailer section is too large');
      return chunk.length;
    }
    const fields = parseFields(text.slice(0, lastLine), 0);
    if (typeof fields === 'string') {
      this.#break(`in the trailer section: ${fields}`);
      return chunk.length;
    }
    this.trailers = fields;
    this.#state = 'ended';
    this.#trailerText = '';
    return at + lastLine + 2 - before;
  }

  #break(fault: HeadFault): void {
    this.#state = 'broken';
    this.fault = fault;
    this.#trailerText = '';
  }
}

const SEMICOLON = 0x3b;
const BARE_LF = /(?:^|[^\r])\n/;

/** −1: no hex digit. */
function hexValue(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const letter = c | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
