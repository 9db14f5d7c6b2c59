/** Heads as the corpus reads them: written for it alone, by RFC 9110 and 9112, and lenient in nothing. It shares no code with the gateway. */

export interface StrictHead {
  readonly startLine: string;
  /** `[name, value, …]` as received. */
  readonly fields: readonly string[];
  /** Bytes with the empty line. */
  readonly length: number;
}

/** `undefined`: more must come; a text: what is wrong. */
export type Read<T> = T | string | undefined;

const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/;

export function readHead(bytes: Buffer, from: number): Read<StrictHead> {
  const end = bytes.indexOf('\r\n\r\n', from, 'latin1');
  if (end < 0) return undefined;
  const [startLine = '', ...lines] = bytes.toString('latin1', from, end).split('\r\n');
  if (/[\r\n]/.test(startLine)) return 'a bare CR or LF in the start line';
  const fields: string[] = [];
  for (const line of lines) {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    if (name === undefined) return `no field line: ${JSON.stringify(line.slice(0, 100))}`;
    fields.push(name, value);
  }
  return { startLine, fields, length: end + 4 - from };
}

export interface StrictBody {
  readonly body: Buffer;
  readonly trailers: readonly string[];
  readonly length: number;
}

export function values(fields: readonly string[], lower: string): string[] {
  return fields.filter((_, i) => i % 2 === 1 && fields[i - 1]?.toLowerCase() === lower);
}

/** `undefined` as the value: no body is announced. */
export type Framing = { readonly by: 'length'; readonly bytes: number } | { readonly by: 'chunks' } | undefined;

/** @returns a text: the framing is not what anybody may send. */
export function framingOf(fields: readonly string[]): Framing | string {
  const lengths = values(fields, 'content-length');
  const codings = values(fields, 'transfer-encoding');
  if (lengths.length + codings.length > 1) return `framed ${lengths.length + codings.length} times`;
  const [length] = lengths;
  if (length !== undefined) return /^\d{1,15}$/.test(length) ? { by: 'length', bytes: Number(length) } : `no length: ${length}`;
  const [coding] = codings;
  if (coding === undefined) return undefined;
  return coding.toLowerCase() === 'chunked' ? { by: 'chunks' } : `no coding of HTTP/1.1: ${coding}`;
}

export function readBody(bytes: Buffer, from: number, framing: Framing): Read<StrictBody> {
  if (framing === undefined) return { body: Buffer.alloc(0), trailers: [], length: 0 };
  if (framing.by === 'chunks') return readChunks(bytes, from);
  if (bytes.length - from < framing.bytes) return undefined;
  return { body: bytes.subarray(from, from + framing.bytes), trailers: [], length: framing.bytes };
}

/** What has come of a body that has not ended; chunk borders undone. */
export function partOfBody(bytes: Buffer, from: number, framing: Framing): Buffer {
  if (framing?.by !== 'chunks') return bytes.subarray(from);
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at, 'latin1');
    const size = line < 0 ? 0 : Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
    if (at > bytes.length) return Buffer.concat(parts);
  }
}

function readChunks(bytes: Buffer, from: number): Read<StrictBody> {
  const parts: Buffer[] = [];
  let at = from;
  for (;;) {
    const line = bytes.indexOf('\r\n', at, 'latin1');
    if (line < 0) return undefined;
    const text = bytes.toString('latin1', at, line);
    if (!/^[0-9A-Fa-f]{1,12}$/.test(text)) return `no chunk size: ${JSON.stringify(text.slice(0, 40))}`;
    const size = Number.parseInt(text, 16);
    at = line + 2;
    if (size === 0) break;
    if (bytes.length < at + size + 2) return undefined;
    if (bytes.toString('latin1', at + size, at + size + 2) !== '\r\n') return 'a chunk is not as long as its size';
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
  // The trailer section is a head without a start line, so that an empty line right here is one too.
  const trailers = readHead(Buffer.concat([Buffer.from('\r\n'), bytes.subarray(at)]), 0);
  if (trailers === undefined || typeof trailers === 'string') return trailers;
  return { body: Buffer.concat(parts), trailers: trailers.fields, length: at + trailers.length - 2 - from };
}
