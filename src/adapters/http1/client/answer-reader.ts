import type { RawHeaders } from '../../../core/headers.ts';
import { ChunkedDecoder } from '../wire/chunked-decoder.ts';
import { HeadReader } from '../wire/head-reader.ts';
import { dropFraming, responseFraming } from '../wire/response-framing.ts';
import { type ParsedResponseHead, parseResponseHead } from '../wire/response-head.ts';
import { changesTo } from './upgrade.ts';

/** What a connection brings, in the order in which it came. */
export interface AnswerEvents {
  onInfo(status: number, headers: RawHeaders): void;
  onHead(status: number, headers: RawHeaders): void;
  /** `chunk` belongs to the listener. */
  onData(chunk: Buffer): void;
  /** `keptMs`: how long the upstream keeps the connection for another request; 0: it does not, or it can't be trusted with one. */
  onEnd(trailers: RawHeaders, keptMs: number): void;
  /** A 101 to what was asked for, and what came behind it. */
  onSwitch(headers: RawHeaders, early: Buffer): void;
  /** What came is no answer (RFC 9112), or no answer to what was asked. */
  onUnreadable(code: 'UPSTREAM_BAD_FRAMING' | 'UPGRADE_FAILED', detail: string): void;
  /** The connection ended, and the answer had not. */
  onCutShort(): void;
}

const MAX_HEAD_BYTES = 128 * 1024;
const MAX_TRAILER_BYTES = 16 * 1024;
/** Interim answers before a final one: more is an upstream gone mad. */
const MAX_INTERIM = 32;
const LARGE_BYTES = 16 * 1024;

const NO_TRAILERS: RawHeaders = Object.freeze([]);
const BEGINNING = 'HTTP/1.';
const NOTHING = Buffer.alloc(0);
type State = 'over' | 'head' | 'length' | 'chunked' | 'until-close';

/** Reads the answers of one connection, one after the other, in whatever pieces they come. */
export class AnswerReader {
  readonly #events: AnswerEvents;
  readonly #head = new HeadReader(MAX_HEAD_BYTES);
  #chunks: ChunkedDecoder | undefined = undefined;
  #state: State = 'over';
  #method = '';
  #upgrade: string | undefined = undefined;
  #interim = 0;
  /** How many characters of `BEGINNING` are here, of a head that is not. */
  #begun = 0;
  #leftBytes = 0;
  #keptMs = 0;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  /** From here on comes the answer to a request of this method; `upgrade`: the protocols that it asked to change to. */
  begin(method: string, upgrade: string | undefined): void {
    this.#state = 'head';
    this.#method = method;
    this.#upgrade = upgrade;
    this.#interim = 0;
  }

  /** Nobody wants the rest. No event follows. */
  stop(): void {
    this.#state = 'over';
  }

  /** `bytes` are read over after this call, unless they are `owned`: then pieces of them may be handed on. */
  read(bytes: Buffer, owned: 'owned' | 'lent'): void {
    let at = 0;
    while (this.#state === 'head') {
      const read = this.#head.take(bytes, at);
      if (read === undefined) return this.#onPart(bytes, at);
      if (typeof read === 'string') return this.#unreadable(HEAD_FAULTS[read]);
      at += this.#head.consumedBytes;
      this.#begun = 0;
      const head = parseResponseHead(read.text);
      if (typeof head === 'string') return this.#unreadable(head);
      if (head.status < 200) this.#onInterim(head, bytes, at);
      else this.#onHead(head, bytes.length - at);
      // Also where the answer is over, and the connection perhaps busy with the next request already.
      if (at === bytes.length) return;
    }
    if (this.#state === 'over') return;
    const rest = at === 0 ? bytes : bytes.subarray(at);
    this.#readBody(owned === 'owned' ? rest : copyOf(rest));
  }

  /** The upstream sends no more. */
  fin(): void {
    if (this.#state === 'until-close') return this.#end(NO_TRAILERS, 0);
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#events.onCutShort();
  }

  /** Part of a head. What is no HTTP at all is told at once: its end may never come. */
  #onPart(bytes: Buffer, from: number): void {
    for (let at = from; at < bytes.length && this.#begun < BEGINNING.length; at++, this.#begun++) {
      if (bytes[at] !== BEGINNING.charCodeAt(this.#begun)) return this.#unreadable('the answer does not begin with HTTP/1');
    }
  }

  #onInterim({ status, headers }: ParsedResponseHead, bytes: Buffer, at: number): void {
    if (status === 101) return this.#onSwitch(headers, bytes, at);
    this.#interim += 1;
    if (this.#interim > MAX_INTERIM) return this.#unreadable('there is no end of interim answers');
    // Nobody asked for a 100: whoever waits for one was given it by the gateway (EV-4). Any may come all the same (RFC 9110 §15.2).
    if (status === 100) return;
    dropFraming(headers);
    this.#events.onInfo(status, headers);
  }

  #onSwitch(headers: RawHeaders, bytes: Buffer, at: number): void {
    if (this.#upgrade === undefined) return this.#unreadable('it changes the protocol, which nobody asked for');
    this.#state = 'over';
    if (!changesTo(this.#upgrade, headers)) {
      return this.#events.onUnreadable('UPGRADE_FAILED', 'the upstream changed to another protocol than was asked for');
    }
    this.#events.onSwitch(headers, at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at)));
  }

  #onHead(head: ParsedResponseHead, moreBytes: number): void {
    const framing = responseFraming(head, this.#method);
    if (typeof framing === 'string') return this.#unreadable(framing);
    const { body } = framing;
    this.#keptMs = framing.keptMs;
    if (typeof body === 'number') {
      this.#leftBytes = body;
      this.#state = 'length';
    } else {
      if (body === 'chunked') this.#decoder();
      this.#state = body;
    }
    this.#events.onHead(head.status, head.headers);
    // Read again: whoever was told of the head may have given it up.
    if (body === 0 && this.#state === 'length') this.#end(NO_TRAILERS, moreBytes);
  }

  #readBody(chunk: Buffer): void {
    if (this.#state === 'length') {
      const surplus = chunk.length - this.#leftBytes;
      this.#leftBytes -= chunk.length;
      this.#events.onData(surplus > 0 ? chunk.subarray(0, -surplus) : chunk);
      if (surplus >= 0 && this.#state === 'length') this.#end(NO_TRAILERS, surplus);
    } else if (this.#state === 'until-close') {
      this.#events.onData(chunk);
    } else {
      this.#readChunks(chunk);
    }
  }

  #readChunks(chunk: Buffer): void {
    const decoder = this.#chunks as ChunkedDecoder;
    const end = decoder.decode(chunk, 0);
    if (this.#state !== 'chunked') return;
    if (decoder.broken) this.#unreadable(decoder.fault);
    else if (decoder.ended) this.#end(decoder.trailers, chunk.length - end);
  }

  #decoder(): void {
    if (this.#chunks === undefined) this.#chunks = new ChunkedDecoder((chunk) => this.#onChunk(chunk), MAX_TRAILER_BYTES);
    else this.#chunks.reset();
  }

  #onChunk(chunk: Buffer): void {
    if (this.#state === 'chunked') this.#events.onData(chunk);
  }

  /** `surplusBytes`: what came behind the answer. Nobody asked for it, and it must not become the answer of the next (HY-4). */
  #end(trailers: RawHeaders, surplusBytes: number): void {
    this.#state = 'over';
    this.#events.onEnd(trailers, surplusBytes > 0 ? 0 : this.#keptMs);
  }

  #unreadable(fault: string): void {
    this.#state = 'over';
    this.#events.onUnreadable('UPSTREAM_BAD_FRAMING', `the upstream's answer is not readable: ${fault}`);
  }
}

/** A large piece gets memory of its own: three of them to a block of Node's pool cost a third more in garbage collection. */
function copyOf(bytes: Buffer): Buffer {
  if (bytes.length < LARGE_BYTES) return Buffer.from(bytes);
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

const HEAD_FAULTS = {
  too_large: 'its head is too large',
  line_too_large: 'its head is too large',
  bare_lf: 'a line of the head ends without CR',
} as const;
