/** What is told of a multipart body while it goes by. */
export interface PartSink {
  /** A part begins. `head`: its header area, without the empty line behind it. */
  onPart(head: Uint8Array): void;
  onPartData(data: Uint8Array): void;
  onPartEnd(): void;
}

/** How reading ended. `malformed`: it is no multipart body; `unclear`: of more than is read, or a delimiter that may be none. */
export type Reading = 'whole' | 'malformed' | 'unclear';

const MAX_HEAD_BYTES = 16 * 1024;
const [CR, LF, DASH, SPACE, TAB] = [0x0d, 0x0a, 0x2d, 0x20, 0x09];
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NOTHING = new Uint8Array(0);

/** Reads a multipart body (RFC 2046 §5.1.1) however it is cut into chunks; keeps a delimiter's length of it, or the head of one part. */
export class MultipartReader {
  readonly #sink: PartSink;
  /** `CRLF "--" boundary`. */
  readonly #delimiter: Buffer;
  #state: 'preamble' | 'behind-delimiter' | 'head' | 'behind-head' | 'data' | 'epilogue' | 'malformed' | 'unclear' = 'preamble';
  /** What cannot be told yet. */
  #rest: Uint8Array;
  #inPart = false;

  constructor(boundary: string, sink: PartSink) {
    this.#sink = sink;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    // The first delimiter may be the very beginning: as if a line had ended before it.
    this.#rest = Buffer.from('\r\n');
  }

  get heldBytes(): number {
    return this.#rest.byteLength;
  }

  get isOver(): boolean {
    return this.#state === 'epilogue' || this.#state === 'malformed' || this.#state === 'unclear';
  }

  push(chunk: Uint8Array): void {
    if (this.isOver) return;
    let bytes =
      this.#rest.byteLength === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([this.#rest, chunk]);
    for (let left = this.#step(bytes); left !== bytes; left = this.#step(bytes)) bytes = left;
    this.#rest = this.isOver || bytes.byteLength === 0 ? NOTHING : Buffer.from(bytes);
  }

  end(): Reading {
    if (this.#state === 'malformed' || this.#state === 'unclear') return this.#state;
    // Without the last delimiter it was cut short.
    return this.#state === 'epilogue' ? 'whole' : 'malformed';
  }

  /** One step; the same bytes back where more are needed. */
  #step(bytes: Buffer): Buffer {
    switch (this.#state) {
      case 'preamble':
      case 'data':
        return this.#data(bytes);
      case 'behind-delimiter':
        return this.#behind(bytes);
      case 'head':
        return this.#head(bytes);
      case 'behind-head':
        return this.#behindHead(bytes);
      default:
        return bytes;
    }
  }

  /** Up to the next delimiter; what could be the beginning of one is left. */
  #data(bytes: Buffer): Buffer {
    if (this.#state === 'preamble') {
      // Behind a line that ends with LF alone: senders mean a delimiter, RFC 2046 does not.
      const dashes = bytes.indexOf(this.#delimiter.subarray(1));
      if (dashes > 0 && bytes[dashes - 1] !== CR) return this.#over('unclear');
    }
    const at = bytes.indexOf(this.#delimiter);
    const end = at >= 0 ? at : Math.max(0, bytes.byteLength - this.#delimiter.byteLength + 1);
    if (this.#inPart && end > 0) this.#sink.onPartData(bytes.subarray(0, end));
    if (at < 0) return end === 0 ? bytes : bytes.subarray(end);
    if (this.#inPart) this.#sink.onPartEnd();
    this.#inPart = false;
    this.#state = 'behind-delimiter';
    return bytes.subarray(at + this.#delimiter.byteLength);
  }

  /** `--` ends the body; else padding and the end of the line. */
  #behind(bytes: Buffer): Buffer {
    if (bytes.byteLength < 2) return bytes;
    if (bytes[0] === DASH && bytes[1] === DASH) return this.#over('epilogue');
    let at = 0;
    while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
    if (at > MAX_HEAD_BYTES) return this.#over('unclear');
    if (at + 2 > bytes.byteLength) return bytes;
    // A longer line that begins like a delimiter: RFC 2046 has it taken for one, many senders do not.
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.#over('unclear');
    this.#state = 'head';
    // The end of the line stays: an empty header area is the empty line alone.
    return bytes.subarray(at);
  }

  #head(bytes: Buffer): Buffer {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end > MAX_HEAD_BYTES || (end < 0 && bytes.byteLength > MAX_HEAD_BYTES)) return this.#over('unclear');
    if (end < 0) return bytes;
    this.#sink.onPart(end === 0 ? NOTHING : bytes.subarray(2, end));
    this.#inPart = true;
    this.#state = 'behind-head';
    return bytes.subarray(end + 2);
  }

  /** The CRLF of the empty line is still here: that of a delimiter, where the part has no body at all. */
  #behindHead(bytes: Buffer): Buffer {
    if (bytes.byteLength < this.#delimiter.byteLength) return bytes;
    this.#state = 'data';
    return bytes.subarray(bytes.subarray(0, this.#delimiter.byteLength).equals(this.#delimiter) ? 0 : 2);
  }

  #over(state: 'epilogue' | 'malformed' | 'unclear'): Buffer {
    this.#state = state;
    return Buffer.alloc(0);
  }
}
