import { MAX_ITEM_BYTES, Splitter } from './splitter.ts';

/** One server-sent event as OpenAPI models it (3.2.0 §4.14.4): fields that were not sent are not there. */
export interface ServerSentEvent {
  data?: string;
  event?: string;
  id?: string;
  retry?: number;
}

const [LF, CR] = [0x0a, 0x0d];
/** HTML §9.2.5: "decode the byte stream as UTF-8"; what is not UTF-8 becomes U+FFFD and is no error. The mark at the beginning is taken off below. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads `text/event-stream` (HTML §9.2.6, "Interpreting an event stream"), however it is cut into chunks. */
export class EventReader {
  readonly #lines: Splitter;
  readonly #onEvent: (event: ServerSentEvent | 'too_large', bytes: number) => void;
  #first = true;
  /** The last byte was a CR. */
  #endsWithCr = false;
  #data: string[] = [];
  #event: ServerSentEvent = {};
  #bytes = 0;
  #tooLarge = false;

  constructor(onEvent: (event: ServerSentEvent | 'too_large', bytes: number) => void) {
    this.#onEvent = onEvent;
    this.#lines = new Splitter(LF, (piece) => this.#piece(piece));
  }

  get heldBytes(): number {
    return this.#lines.heldBytes + this.#bytes;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(this.#endsWithCr || chunk.includes(CR) ? this.#withLineFeeds(chunk) : chunk);
  }

  /** Lines end with LF, with CR, or with CR LF, which may come in two chunks: here with LF. */
  #withLineFeeds(chunk: Uint8Array): Uint8Array {
    const lines = Buffer.allocUnsafe(chunk.byteLength);
    let length = 0;
    for (const byte of chunk) {
      if (byte !== LF || !this.#endsWithCr) {
        lines[length] = byte === CR ? LF : byte;
        length += 1;
      }
      this.#endsWithCr = byte === CR;
    }
    return lines.subarray(0, length);
  }

  /** An event without an empty line behind it is not dispatched ("any pending data must be discarded"). */
  end(): void {
    this.#lines.end();
  }

  #piece(piece: Uint8Array | 'too_large'): void {
    if (piece === 'too_large') {
      this.#tooLarge = true;
      return;
    }
    let text = utf8.decode(piece);
    if (this.#first && text.startsWith('\ufeff')) text = text.slice(1);
    this.#first = false;
    this.#line(text);
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    // A comment.
    if (colon === 0) return;
    this.#bytes += line.length;
    if (this.#bytes > MAX_ITEM_BYTES) {
      this.#tooLarge = true;
      this.#data = [];
      this.#event = {};
      this.#bytes = 0;
    }
    if (this.#tooLarge) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event.event = value;
    else if (field === 'id') {
      if (!value.includes('\0')) this.#event.id = value;
    } else if (field === 'retry' && /^\d+$/.test(value)) this.#event.retry = Number(value);
  }

  #dispatch(): void {
    const event = this.#event;
    const data = this.#data;
    const bytes = this.#bytes;
    const tooLarge = this.#tooLarge;
    this.#data = [];
    this.#event = {};
    this.#bytes = 0;
    this.#tooLarge = false;
    if (tooLarge) return this.#onEvent('too_large', bytes);
    // "If the data buffer is an empty string, set … the event type buffer to the empty string and return": no event.
    if (data.length === 0) return;
    // An event type that is the empty string is none.
    if (event.event === '') delete event.event;
    this.#onEvent({ ...event, data: data.join('\n') }, bytes);
  }
}
