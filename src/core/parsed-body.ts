/** What reading a body as JSON gave. */
export type JsonResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A body that was kept whole: decoded and parsed at most once, shared by all who look. The bytes are never changed. */
export class ParsedBody {
  /** The bytes, in order. */
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
  #text: string | null | undefined;
  #json: JsonResult | undefined;

  /** `chunks` are the body's bytes in order; they are not copied until somebody looks. */
  constructor(chunks: readonly Uint8Array[], byteLength: number) {
    this.chunks = chunks;
    this.byteLength = byteLength;
  }

  /** In one piece. */
  bytes(): Uint8Array {
    const [first, ...more] = this.chunks;
    return first !== undefined && more.length === 0 ? first : Buffer.concat(this.chunks, this.byteLength);
  }

  /** The body as UTF-8 text without a byte order mark; null where it is not UTF-8 (RFC 3629). */
  text(): string | null {
    if (this.#text === undefined) {
      try {
        this.#text = utf8.decode(this.bytes());
      } catch {
        this.#text = null;
      }
    }
    return this.#text;
  }

  /** The body as JSON (RFC 8259). `{ ok: false }`: not UTF-8 or not JSON. */
  json(): JsonResult {
    this.#json ??= this.#parse();
    return this.#json;
  }

  #parse(): JsonResult {
    const text = this.text();
    if (text === null) return { ok: false };
    try {
      return { ok: true, value: JSON.parse(text) };
    } catch {
      return { ok: false };
    }
  }
}
