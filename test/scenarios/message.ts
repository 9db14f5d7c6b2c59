import { STATUS_CODES } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Fail, Line } from './fault.ts';

/** The exact bytes of a message, in the pieces in which they are written. */
export interface Message {
  /** Method of a request; status of an answer, as text. */
  readonly first: string;
  readonly bytes: readonly Uint8Array[];
  /** The body with chunking undone. */
  readonly body: Uint8Array;
  /** The end of the body is the end of the connection. */
  readonly endsWithConnection: boolean;
}

/** A part of a body; what is `chunked` has one chunk for each. */
interface Piece {
  readonly lines: string[];
  readonly lineEnd: '\n' | '\r\n';
  readonly coding: ((bytes: Uint8Array) => Uint8Array) | undefined;
  /** Bytes that stand in the directive itself. */
  readonly bytes: Uint8Array | undefined;
  readonly isChunk: boolean;
}

const CODINGS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  'deflate-raw': deflateRawSync,
  zstd: zstdCompressSync,
};

/** `raw`: no field is added to what is written. */
export interface Framing {
  readonly side: 'request' | 'response';
  readonly raw: boolean;
  /** Of the request, for an answer. */
  readonly method: string;
}

/** Reads the lines of one message, without their first mark (`>` or `<`); those that began with two marks have `directive`. */
export function readMessage(lines: ReadonlyArray<Line & { readonly directive: boolean }>, framing: Framing, fail: Fail): Message {
  const blank = lines.findIndex((line) => !line.directive && line.text === '');
  const head = (blank < 0 ? lines : lines.slice(0, blank)).map((line) => {
    if (line.directive) fail(line.number, 'a directive belongs to the body, after the empty line');
    return line.text;
  });
  const pieces = readPieces(blank < 0 ? [] : lines.slice(blank + 1), fail);
  const chunks = pieces.map(bytesOf);
  const isChunked = pieces.some((piece) => piece.isChunk);
  const body = Buffer.concat(chunks);
  const start = startLine(head[0] as string, framing, (message) => fail((lines[0] as Line).number, message));
  const fields = framing.raw ? head.slice(1) : [...head.slice(1), ...missing(head.slice(1), framing, start.first, isChunked, body.length)];
  const text = Buffer.from(`${[start.line, ...fields].join('\r\n')}\r\n\r\n`);
  return {
    first: start.first,
    bytes: isChunked ? [text, ...chunks.map(asChunk), Buffer.from('0\r\n\r\n')] : [text, body],
    body,
    endsWithConnection: framing.side === 'response' && !has(fields, 'content-length') && !has(fields, 'transfer-encoding'),
  };
}

function startLine(text: string, framing: Framing, fail: (message: string) => never): { readonly first: string; readonly line: string } {
  if (framing.side === 'request') {
    const [method = '', target, ...rest] = text.split(' ');
    if (!framing.raw && (target === undefined || rest.length !== 1 || !/^HTTP\/1\.[01]$/.test(rest[0] as string)))
      fail('a request begins with METHOD target HTTP/1.1');
    return { first: method, line: text };
  }
  const [, status = '', reason] = /^(?:HTTP\/1\.[01] )?(\d{3})(?: (.*))?$/.exec(text) ?? [];
  if (status === '') fail('an answer begins with its status, as in 200 or HTTP/1.1 200 OK');
  return { first: status, line: text.startsWith('HTTP/') ? text : `HTTP/1.1 ${status} ${reason ?? STATUS_CODES[status] ?? 'Fine'}` };
}

/** Fields that nobody should have to write: Host, and those that tell where the body ends. */
function missing(fields: readonly string[], framing: Framing, first: string, isChunked: boolean, bodyBytes: number): string[] {
  const added: string[] = [];
  const isRequest = framing.side === 'request';
  if (isRequest && !has(fields, 'host')) added.push('Host: service.test');
  if (has(fields, 'content-length') || has(fields, 'transfer-encoding')) return added;
  if (isChunked) added.push('Transfer-Encoding: chunked');
  else if (bodyBytes > 0 || (!isRequest && !/^(1..|204|304)$/.test(first) && framing.method !== 'HEAD'))
    added.push(`Content-Length: ${bodyBytes}`);
  else if (!isRequest && framing.method === 'HEAD') added.push('Content-Length: 0');
  return added;
}

function has(fields: readonly string[], name: string): boolean {
  return fields.some((field) => field.toLowerCase().startsWith(`${name}:`));
}

function readPieces(lines: ReadonlyArray<Line & { readonly directive: boolean }>, fail: Fail): Piece[] {
  const pieces: Piece[] = [];
  for (const line of lines) {
    if (line.directive) pieces.push(readDirective(line, fail));
    else {
      let piece = pieces.at(-1);
      if (piece === undefined || piece.bytes !== undefined) {
        piece = { lines: [], lineEnd: '\n', coding: undefined, bytes: undefined, isChunk: false };
        pieces.push(piece);
      }
      piece.lines.push(line.text);
    }
  }
  return pieces;
}

/** `gzip`, `crlf`, `chunk`, several of them, `hex 00 ff` or `repeat 3 text`. */
function readDirective(line: Line, fail: Fail): Piece {
  let lineEnd: Piece['lineEnd'] = '\n';
  let coding: Piece['coding'];
  let isChunk = false;
  const words = line.text.split(' ');
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === 'crlf') lineEnd = '\r\n';
    else if (word === 'chunk' || word === 'chunked') isChunk = true;
    else if (Object.hasOwn(CODINGS, word)) coding = CODINGS[word];
    else if (word === 'hex') return { lines: [], lineEnd, coding, isChunk, bytes: hexBytes(words, line, fail) };
    else if (word === 'repeat') {
      const count = Number(words.shift());
      if (!Number.isInteger(count) || count < 0 || count > 10_000_000) fail(line.number, 'repeat needs a number of times');
      return { lines: [], lineEnd, coding, isChunk, bytes: Buffer.from(words.join(' ').repeat(count)) };
    } else if (word !== 'text')
      fail(line.number, `${word} is no directive: ${[...Object.keys(CODINGS), 'crlf', 'chunk', 'text', 'hex', 'repeat'].join(', ')}`);
  }
  return { lines: [], lineEnd, coding, isChunk, bytes: undefined };
}

function hexBytes(words: readonly string[], line: Line, fail: Fail): Uint8Array {
  const digits = words.join('');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) fail(line.number, 'hex needs pairs of hexadecimal digits');
  return Buffer.from(digits, 'hex');
}

function bytesOf(piece: Piece): Uint8Array {
  const bytes = piece.bytes ?? Buffer.from(piece.lines.join(piece.lineEnd));
  return piece.coding === undefined ? bytes : piece.coding(bytes);
}

function asChunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}
