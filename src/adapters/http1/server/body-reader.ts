import { ChunkedDecoder } from '../wire/chunked-decoder.ts';
import type { RequestFraming } from '../wire/request-framing.ts';
import type { Input } from './input.ts';

/** Takes the body of one request off what comes on its connection, when it is wanted. */
export class BodyReader {
  /** The pipeline takes what comes. */
  wanted = false;
  state: 'arriving' | 'ended' | 'broken' = 'arriving';
  /** Bytes announced; undefined where it is chunked. */
  readonly length: number | undefined;
  readonly #chunked: ChunkedDecoder | undefined;
  readonly #onData: (chunk: Buffer) => void;
  #leftBytes: number;
  #feeding = false;

  /** @param onData gets memory that nobody writes to again. @param maxTrailerBytes of the trailer section of a chunked one. */
  constructor(framing: RequestFraming, maxTrailerBytes: number, onData: (chunk: Buffer) => void) {
    const chunked = framing.body === 'chunked';
    this.length = chunked ? undefined : framing.lengthBytes;
    this.#leftBytes = framing.lengthBytes;
    this.#chunked = chunked ? new ChunkedDecoder(onData, maxTrailerBytes) : undefined;
    this.#onData = onData;
  }

  /** Trailer fields, once it has ended. */
  get trailers(): readonly string[] {
    return this.#chunked?.trailers ?? [];
  }

  /** Why it can't be read on, once it is broken. */
  get fault(): string {
    return this.#chunked?.fault ?? '';
  }

  /**
   * Takes what `input` has of it, while it is wanted; does nothing inside a call of its own. A chunked body is taken as far as it has come, though
   * `wanted` be withdrawn meanwhile: one reading at most.
   */
  feed(input: Input): void {
    if (this.#feeding) return;
    this.#feeding = true;
    while (this.wanted && this.state === 'arriving' && input.unreadBytes > 0) {
      if (this.#chunked === undefined) this.#feedPlain(input);
      else this.#feedChunked(input, this.#chunked);
    }
    this.#feeding = false;
  }

  #feedPlain(input: Input): void {
    const piece = input.take(this.#leftBytes);
    this.#leftBytes -= piece.length;
    if (this.#leftBytes === 0) this.state = 'ended';
    this.#onData(piece);
  }

  #feedChunked(input: Input, decoder: ChunkedDecoder): void {
    const bytes = input.owned();
    const from = input.at;
    input.at = bytes.length;
    const end = decoder.decode(bytes, from);
    if (input.bytes === bytes) input.at = end; // else somebody who was told of a piece gave the connection up
    if (decoder.ended) this.state = 'ended';
    else if (decoder.broken) this.state = 'broken';
  }
}
