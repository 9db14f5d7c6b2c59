/** Heads and chunk borders as they are written. */
import { STATUS_CODES } from 'node:http';

const LAST_CHUNK = '0\r\n';
const lines = new Map<number, string>();

/** Status line with the usual reason; one that has none gets an empty one (RFC 9112 §4). */
function statusLine(status: number): string {
  let line = lines.get(status);
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    lines.set(status, line); // 900 of them at most
  }
  return line;
}

/** Field lines of `[name, value, …]`. Names and values must have been checked: they are written as they are. */
export function fieldLines(headers: readonly string[]): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}

/** A response's head without its last, empty line, so that fields of the connection can follow. */
export function responseHead(status: number, headers: readonly string[]): string {
  return statusLine(status) + fieldLines(headers);
}

/** A request's head without its last, empty line. */
export function requestHead(method: string, target: string, headers: readonly string[]): string {
  return `${method} ${target} HTTP/1.1\r\n${fieldLines(headers)}`;
}

/** What goes before a chunk's bytes; CR LF follows them (RFC 9112 §7.1). */
export function chunkHead(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

/** The end of a chunked body: last chunk, trailer section, empty line. */
export function chunkedEnd(trailers: readonly string[] | undefined): string {
  return trailers === undefined || trailers.length === 0 ? `${LAST_CHUNK}\r\n` : `${LAST_CHUNK}${fieldLines(trailers)}\r\n`;
}
