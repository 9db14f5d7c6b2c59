import { type RawHeaders, headerValue } from '../../core/headers.ts';
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
  const at = instantOf(entry?.['startedDateTime']);
  if (at === undefined) return 'its startedDateTime is no instant';
  const requestHeaders = headersOf(request['headers'], members(request['postData'])?.['mimeType']);
  return {
    where,
    at,
    method,
    ...target,
    requestHeaders,
    requestBody: requestBodyOf(request, requestHeaders),
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
    if (typeof name !== 'string' || typeof value !== 'string' || !isKept(name)) continue;
    typed ||= name.toLowerCase() === 'content-type';
    // Some write repeated fields in one, with line ends between them.
    for (const one of name.toLowerCase() === 'set-cookie' ? value.split('\n') : [value]) headers.push(name, one);
  }
  if (!typed && typeof mimeType === 'string' && mimeType.includes('/') && mimeType !== 'x-unknown') headers.push('Content-Type', mimeType);
  return headers;
}

function requestBodyOf(request: Members, headers: RawHeaders): RecordedBody {
  const { text, params, encoding, mimeType } = members(request['postData']) ?? {};
  const { bodySize } = request;
  if (typeof text === 'string' && text !== '') return whole(bytesOf(text, encoding), bodySize);
  if (Array.isArray(params) && params.length > 0) return formOf(params, mimeType);
  const length = headerValue(headers, 'content-length');
  if (isPositive(bodySize) || (length !== undefined && !/^0+$/.test(length))) return 'unrecorded';
  // Many leave the size out, or write -1: of these methods there is a body for sure only where something says so.
  return bodySize === 0 || length !== undefined || !WITH_BODY.has(request['method'] as string) ? 'absent' : 'unrecorded';
}

const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

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
  const { text, encoding, size } = members(response['content']) ?? {};
  const { bodySize } = response;
  if (typeof text === 'string' && text !== '') return whole(bytesOf(text, encoding), size);
  if (isPositive(size) || isPositive(bodySize)) return 'unrecorded';
  // Without content, as browsers export by default, nothing may say whether there was any.
  return typeof text === 'string' || size === 0 || bodySize === 0 ? 'absent' : 'unrecorded';
}

/** Recorders cut long bodies off, and leave files out of forms: a part would be judged as what it is not. `size`: bytes, where the archive says it. */
function whole(bytes: Uint8Array, size: unknown): RecordedBody {
  return isPositive(size) && bytes.byteLength < size ? 'unrecorded' : bytes;
}

function isPositive(size: unknown): size is number {
  return typeof size === 'number' && size > 0;
}

function bytesOf(text: string, encoding: unknown): Uint8Array {
  return Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
}
