import type { RawHeaders } from '../../core/headers.ts';
import {
  type Members,
  type RecordedBody,
  type RecordedExchange,
  type Recording,
  type UnreadEntry,
  isMethod,
  isOfWire,
  isStatus,
  members,
  targetOf,
} from './recorded.ts';

/**
 * The exchanges of an HTTP Archive 1.2 (the format that browsers and proxies save). Entries that are none are told of, with the reason. Undefined:
 * the value is no archive.
 */
export function readHar(value: unknown): Recording | undefined {
  const entries = members(members(value)?.['log'])?.['entries'];
  if (!Array.isArray(entries)) return undefined;
  const exchanges: RecordedExchange[] = [];
  const unread: UnreadEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const where = `entry ${index + 1}`;
    const read = entryOf(where, members(entry));
    if (typeof read === 'string') unread.push({ where, why: read });
    else exchanges.push(read);
  }
  return { exchanges, unread };
}

function entryOf(where: string, entry: Members | undefined): RecordedExchange | string {
  const [request, response] = [members(entry?.['request']), members(entry?.['response'])];
  if (request === undefined || response === undefined) return 'it has no request or no response';
  const { method, url } = request;
  if (!isMethod(method)) return 'its request has no method';
  const target = typeof url === 'string' ? targetOf(url) : undefined;
  if (target === undefined) return 'its request has no http(s) URL';
  const { status } = response;
  // A browser writes 0 for a request that was blocked or given up.
  if (!isStatus(status)) return 'it was not answered';
  const at = Date.parse(String(entry?.['startedDateTime']));
  if (Number.isNaN(at)) return 'its startedDateTime is no instant';
  return {
    where,
    at,
    method,
    ...target,
    requestHeaders: headersOf(request['headers'], members(request['postData'])?.['mimeType']),
    requestBody: requestBodyOf(request),
    status,
    responseHeaders: headersOf(response['headers'], members(response['content'])?.['mimeType']),
    responseBody: responseBodyOf(response),
  };
}

/** `mimeType`: what the archive says of the body, where the header itself was left out of it. */
function headersOf(listed: unknown, mimeType: unknown): RawHeaders {
  const headers: string[] = [];
  let typed = false;
  for (const field of Array.isArray(listed) ? listed : []) {
    const { name, value } = members(field) ?? {};
    if (typeof name !== 'string' || typeof value !== 'string' || isOfWire(name)) continue;
    typed ||= name.toLowerCase() === 'content-type';
    // Some write repeated fields in one, with line ends between them.
    for (const one of name.toLowerCase() === 'set-cookie' ? value.split('\n') : [value]) headers.push(name, one);
  }
  if (!typed && typeof mimeType === 'string' && mimeType.includes('/') && mimeType !== 'x-unknown') headers.push('Content-Type', mimeType);
  return headers;
}

function requestBodyOf(request: Members): RecordedBody {
  const posted = members(request['postData']);
  if (posted === undefined) return (request['bodySize'] as number) > 0 ? 'unrecorded' : 'absent';
  const { text, params, encoding } = posted;
  if (typeof text === 'string' && text !== '') return bytesOf(text, encoding);
  if (Array.isArray(params) && params.length > 0) return formOf(params, posted['mimeType']);
  return (request['bodySize'] as number) > 0 ? 'unrecorded' : 'absent';
}

/** A form that the archive holds in pieces. Of one in parts the bytes are not known. */
function formOf(params: readonly unknown[], mimeType: unknown): RecordedBody {
  if (typeof mimeType !== 'string' || !/^application\/x-www-form-urlencoded\b/i.test(mimeType)) return 'unrecorded';
  const form = new URLSearchParams();
  for (const param of params) {
    const { name, value } = members(param) ?? {};
    if (typeof name === 'string') form.append(name, typeof value === 'string' ? value : '');
  }
  return Buffer.from(form.toString());
}

function responseBodyOf(response: Members): RecordedBody {
  const content = members(response['content']);
  const { text, encoding, size } = content ?? {};
  if (typeof text === 'string' && text !== '') return bytesOf(text, encoding);
  return (size as number) > 0 || (response['bodySize'] as number) > 0 ? 'unrecorded' : 'absent';
}

function bytesOf(text: string, encoding: unknown): Uint8Array {
  return Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
}
