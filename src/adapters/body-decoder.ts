import type { BodyDecoder, ByteAllowance, Undecoded } from '../core/body-checking.ts';
import { type ContentCoding, contentCodings } from '../core/content-codings.ts';

/** HY-5: a body may become at most so many times as large … */
const MAX_RATIO = 100;
/** … which counts above this size alone: a short text that says one thing many times is no bomb. */
const FREE_BYTES = 64 * 1024;

/** Up to this size gzip and deflate are taken off at once: FREE_BYTES of output take a third of a millisecond, the thread pool takes as long. */
const AT_ONCE_BYTES = 16 * 1024;
/** Bodies that are decoded at the same time, of the four threads that the process has for that and for its files. */
const MAX_RUNNING = 2;
const MAX_WAITING = 64;

/** Output comes in pieces of this size: each is a way to the thread pool and back. */
const CHUNK_BYTES = 64 * 1024;

/** What zlib gives with `info`: the bytes, and how many of the input it has used. */
interface Decoded {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

type Result = Error | Decoded;

interface Options {
  readonly info: true;
  readonly maxOutputLength: number;
  readonly chunkSize?: number;
  readonly params?: Readonly<Record<number, number>>;
}

/** How one coding is taken off; `sync` where that may be done at once. Node's types know nothing of `info`, which is why they are given here. */
interface Codec {
  readonly async: (bytes: Uint8Array, options: Options, done: (error: Error | null, result: Decoded) => void) => void;
  readonly sync?: (bytes: Uint8Array, options: Options) => Decoded;
  readonly params?: Readonly<Record<number, number>>;
}

type Codecs = Readonly<Record<'gzip' | 'zlib' | 'raw' | 'br' | 'zstd', Codec>>;
let loaded: Codecs | undefined;

/** Of the system: 2 MB of memory, which a process that meets no encoded body never takes. */
function codecs(): Codecs {
  if (loaded !== undefined) return loaded;
  const zlib = process.getBuiltinModule('node:zlib');
  const known = {
    gzip: { async: zlib.gunzip, sync: zlib.gunzipSync },
    zlib: { async: zlib.inflate, sync: zlib.inflateSync },
    raw: { async: zlib.inflateRaw, sync: zlib.inflateRawSync },
    // A window that Brotli opens for a few bytes takes 10 ms: never at once.
    br: { async: zlib.brotliDecompress },
    // RFC 9659: in HTTP a window is at most 8 MiB; a frame that asks for more would have the memory of the process.
    zstd: { async: zlib.zstdDecompress, params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } },
  };
  loaded = known as unknown as Codecs;
  return loaded;
}

/** Takes content codings off with the system's zlib, on its threads. What it makes counts in `allowance` while it is being made. */
export function bodyDecoder(allowance: ByteAllowance): BodyDecoder {
  return new ZlibDecoder(allowance);
}

class ZlibDecoder implements BodyDecoder {
  readonly #allowance: ByteAllowance;
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  constructor(allowance: ByteAllowance) {
    this.#allowance = allowance;
  }

  decode(coding: string, chunks: readonly Uint8Array[], maxBytes: number): ReturnType<BodyDecoder['decode']> {
    const codings = contentCodings(coding);
    if (codings === undefined) return 'encoding';
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    if (codings.length === 0 || bytes === 0) return chunks;
    const limit = new Limit(bytes, maxBytes);
    return (bytes <= AT_ONCE_BYTES ? atOnce(codings, joined(chunks), limit) : undefined) ?? this.#onThreads(codings, chunks, limit);
  }

  async #onThreads(
    codings: readonly ContentCoding[],
    chunks: readonly Uint8Array[],
    limit: Limit,
  ): Promise<readonly Uint8Array[] | Undecoded> {
    if (this.#running < MAX_RUNNING) this.#running += 1;
    else if (this.#waiting.length >= MAX_WAITING) return 'overload';
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const said = await this.#counted(codings, chunks, limit);
    // The place goes to the next one, or is free.
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
    return said;
  }

  async #counted(
    codings: readonly ContentCoding[],
    chunks: readonly Uint8Array[],
    limit: Limit,
  ): Promise<readonly Uint8Array[] | Undecoded> {
    // Of several codings in a row what one gave is there while the next is at work.
    const bytes = limit.bytes * Math.min(codings.length, 2);
    if (!this.#allowance.take(bytes)) return 'overload';
    let plain = joined(chunks);
    // What was applied last comes off first.
    for (const coding of codings.toReversed()) {
      const said = limit.verdict(await inThread(codecOf(coding, plain), plain, limit), plain);
      if (typeof said === 'string') {
        this.#allowance.release(bytes);
        return said;
      }
      plain = said;
    }
    this.#allowance.release(bytes);
    return [plain];
  }
}

/** How large a body may become. */
class Limit {
  readonly bytes: number;
  readonly #beyond: Undecoded;

  constructor(encodedBytes: number, maxBytes: number) {
    const byRatio = Math.max(FREE_BYTES, encodedBytes * MAX_RATIO);
    this.bytes = Math.min(byRatio, maxBytes);
    this.#beyond = maxBytes <= byRatio ? 'too_large' : 'encoding';
  }

  /** What came of one coding. Bytes behind its end were never meant to be decoded: nobody knows what they are. */
  verdict(result: Result, input: Uint8Array): Uint8Array | Undecoded {
    if (result instanceof Error) return isTooLarge(result) ? this.#beyond : 'encoding';
    return result.engine.bytesWritten === input.byteLength || isPadding(input, result.engine.bytesWritten) ? result.buffer : 'encoding';
  }
}

/** Zeros behind the end of a file, as gzip pads them. */
function isPadding(input: Uint8Array, from: number): boolean {
  return input[0] === 0x1f && input.subarray(from).every((byte) => byte === 0);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

/** Undefined: this is not for the event loop. */
function atOnce(codings: readonly ContentCoding[], body: Uint8Array, limit: Limit): readonly Uint8Array[] | Undecoded | undefined {
  const codec = codecOf(codings[0] as ContentCoding, body);
  if (codings.length > 1 || codec.sync === undefined) return undefined;
  const maxOutputLength = Math.min(limit.bytes, FREE_BYTES);
  let result: Result;
  try {
    result = codec.sync(body, { info: true, maxOutputLength });
  } catch (error) {
    result = error as Error;
  }
  if (limit.bytes > maxOutputLength && result instanceof Error && isTooLarge(result)) return undefined;
  const said = limit.verdict(result, body);
  return typeof said === 'string' ? said : [said];
}

function inThread({ async, params = {} }: Codec, bytes: Uint8Array, limit: Limit): Promise<Result> {
  const options = { info: true, maxOutputLength: limit.bytes, chunkSize: CHUNK_BYTES, params } as const;
  return new Promise((resolve) => async(bytes, options, (error, result) => resolve(error ?? result)));
}

function codecOf(coding: ContentCoding, bytes: Uint8Array): Codec {
  return codecs()[coding === 'deflate' ? (isZlib(bytes) ? 'zlib' : 'raw') : coding];
}

/**
 * `deflate` is the zlib format (RFC 9110 §8.4.1.2), but "some non-conformant implementations send the "deflate" compressed data without the zlib
 * wrapper". Its header (RFC 1950 §2.2) cannot be mistaken: a raw stream with such a first byte would have padding that is not zero.
 */
function isZlib(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

function isTooLarge(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
