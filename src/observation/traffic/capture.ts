import type { RawHeaders } from '../../core/headers.ts';
import {
  type Members,
  type RecordedBody,
  type RecordedExchange,
  type Recording,
  type UnreadEntry,
  instantOf,
  isKept,
  isMethod,
  isStatus,
  members,
  targetOf,
} from './recorded.ts';

/**
 * Exchanges one a line, in our own form (`docs/drift.md`):
 * `{"at":"2026-11-22T09:00:00Z","request":{"method":"POST","url":"/v1/payments?x=1","headers":[["Content-Type","application/json"]],"body":"{…}"},`
 * `"response":{"status":201,"headers":[…],"body":"{…}"}}`. Bodies are text, or `{"base64":"…"}`; left out: there was none; null: it was not kept.
 */
export function readCapture(text: string): Recording {
  const exchanges: RecordedExchange[] = [];
  const unread: UnreadEntry[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `line ${index + 1}`;
    const read = lineOf(where, line);
    if (typeof read === 'string') unread.push({ where, why: read });
    else exchanges.push(read);
  }
  return { exchanges, unread };
}

/** Lines that are looked at: the first may be cut off, where the file is a part of a longer one. */
const FIRST_LINES = 20;

/** Whether one of the first lines of a text is an exchange. */
export function looksLikeCapture(text: string): boolean {
  for (let from = 0, lines = 0; from < text.length && lines < FIRST_LINES; ) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from += line.length + 1;
    if (line.trim() === '') continue;
    if (typeof lineOf('', line) !== 'string') return true;
    lines += 1;
  }
  return false;
}

function lineOf(where: string, line: string): RecordedExchange | string {
  const value = parsed(line);
  const [request, response] = [members(value?.['request']), members(value?.['response'])];
  if (request === undefined || response === undefined) return 'it is no JSON object with `request` and `response`';
  const { method, url } = request;
  if (!isMethod(method)) return '`request.method` is no method';
  const target = typeof url === 'string' ? targetOf(url) : undefined;
  if (target === undefined) return '`request.url` is no URL and no path';
  const { status } = response;
  if (!isStatus(status)) return '`response.status` is no status';
  const at = instantOf(value?.['at']);
  if (at === undefined) return '`at` is no instant';
  const [requestHeaders, responseHeaders] = [headersOf(request['headers']), headersOf(response['headers'])];
  if (requestHeaders === undefined || responseHeaders === undefined) return '`headers` is no list of [name, value]';
  const [requestBody, responseBody] = [bodyOf(request), bodyOf(response)];
  if (requestBody === undefined || responseBody === undefined) return '`body` is no text, no {"base64": …} and not null';
  return { where, at, method, ...target, requestHeaders, requestBody, status, responseHeaders, responseBody };
}

function headersOf(listed: unknown): RawHeaders | undefined {
  if (listed === undefined) return [];
  if (!Array.isArray(listed)) return undefined;
  const headers: string[] = [];
  for (const field of listed as readonly unknown[]) {
    if (!Array.isArray(field) || field.length !== 2) return undefined;
    const [name, value] = field as readonly unknown[];
    if (typeof name !== 'string' || typeof value !== 'string') return undefined;
    if (isKept(name)) headers.push(name, value);
  }
  return headers;
}

function bodyOf(message: Members): RecordedBody | undefined {
  const { body } = message;
  if (body === undefined || body === '') return 'absent';
  if (body === null) return 'unrecorded';
  if (typeof body === 'string') return Buffer.from(body);
  const base64 = members(body)?.['base64'];
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
}

function parsed(line: string): Members | undefined {
  try {
    return members(JSON.parse(line));
  } catch {
    return undefined;
  }
}
