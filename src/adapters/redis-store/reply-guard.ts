/** More than any script of ours returns, and little enough to be held. */
const LONGEST_BYTES = 64 * 1024 * 1024;
const LONGEST_LIST = 1_000_000;
const LONGEST_LINE = 16 * 1024;
const DEEPEST = 8;

const [CR, LF] = [0x0d, 0x0a];
const [SIMPLE, ERROR, INTEGER, BULK, LIST] = [0x2b, 0x2d, 0x3a, 0x24, 0x2a];

type State = 'type' | 'line' | 'lineLf' | 'bytes' | 'bytesCr' | 'bytesLf';

/**
 * Reads along what a server sends, and says whether it is RESP 2 and an answer to what was asked. The client library believes whatever
 * comes: a nil that nobody asked for ends the process (ioredis 6, DataHandler.shiftCommand), another answer is given to the next who
 * asks, and a length of 9 GB is waited for.
 */
export class ReplyGuard {
  #state: State = 'type';
  #type = 0;
  /** Of a number; of a text its length alone. */
  #line = '';
  #lineBytes = 0;
  #bytesLeft = 0;
  /** Elements still to come of the lists that are open, the innermost last. */
  readonly #open: number[] = [];
  #owed = 0;

  /** A command goes out. */
  asked(): void {
    this.#owed += 1;
  }

  /** False: this is no answer, and neither is anything that comes after it on this connection. */
  read(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state !== 'bytes') {
        if (!this.#take(chunk[at] as number)) return false;
        at += 1;
        continue;
      }
      const step = Math.min(this.#bytesLeft, chunk.length - at);
      at += step;
      this.#bytesLeft -= step;
      if (this.#bytesLeft === 0) this.#state = 'bytesCr';
    }
    return true;
  }

  #take(byte: number): boolean {
    switch (this.#state) {
      case 'type':
        return this.#begin(byte);
      case 'line':
        return this.#inLine(byte);
      case 'bytesCr':
        this.#state = 'bytesLf';
        return byte === CR;
      case 'lineLf':
        return byte === LF && this.#endOfLine();
      default:
        return byte === LF && this.#endOfValue();
    }
  }

  #begin(byte: number): boolean {
    this.#type = byte;
    this.#line = '';
    this.#lineBytes = 0;
    this.#state = 'line';
    return this.#owed > 0 && (byte === SIMPLE || byte === ERROR || byte === INTEGER || byte === BULK || byte === LIST);
  }

  #inLine(byte: number): boolean {
    if (byte === CR) {
      this.#state = 'lineLf';
      return true;
    }
    this.#lineBytes += 1;
    if (this.#type === SIMPLE || this.#type === ERROR) return this.#lineBytes <= LONGEST_LINE;
    this.#line += String.fromCharCode(byte);
    return this.#lineBytes <= 20;
  }

  #endOfLine(): boolean {
    if (this.#type === SIMPLE || this.#type === ERROR) return this.#endOfValue();
    if (this.#type === INTEGER) return /^[+-]?\d+$/.test(this.#line) && this.#endOfValue();
    if (this.#line === '-1') return this.#endOfValue(); // nil
    if (!/^\d+$/.test(this.#line)) return false;
    return this.#type === BULK ? this.#beginBytes(Number(this.#line)) : this.#beginList(Number(this.#line));
  }

  #beginBytes(length: number): boolean {
    this.#bytesLeft = length;
    this.#state = length === 0 ? 'bytesCr' : 'bytes';
    return length <= LONGEST_BYTES;
  }

  #beginList(length: number): boolean {
    if (length === 0) return this.#endOfValue();
    this.#open.push(length);
    this.#state = 'type';
    return length <= LONGEST_LIST && this.#open.length <= DEEPEST;
  }

  #endOfValue(): boolean {
    this.#state = 'type';
    for (let last = this.#open.length - 1; last >= 0; last--) {
      this.#open[last] = (this.#open[last] as number) - 1;
      if ((this.#open[last] as number) > 0) return true;
      this.#open.pop();
    }
    this.#owed -= 1;
    return true;
  }
}
