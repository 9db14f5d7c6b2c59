import { type RawHeaders, fieldName, headerValue } from '../../core/headers.ts';

/** What the head of a message says about its body (RFC 9112 §6). */

/** A request has a body only if it says so; one of no bytes is none. */
export function announcesBody(headers: RawHeaders): boolean {
  const length = headerValue(headers, 'content-length');
  if (length !== undefined) return !/^0+$/.test(length);
  return headerValue(headers, 'transfer-encoding') !== undefined;
}

/** The head alone tells that there is nothing in the body. */
export function saysEmpty(headers: RawHeaders): boolean {
  const length = headerValue(headers, 'content-length');
  return length !== undefined && /^0+$/.test(length);
}

export const CONFLICT = Symbol('conflict');

/** Content-Type, undefined where it is absent, CONFLICT where there are several that differ. */
export function contentType(headers: RawHeaders): string | undefined | typeof CONFLICT {
  let found: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 12 || fieldName(name).lower !== 'content-type') continue;
    const value = headers[i + 1] as string;
    if (found !== undefined && found !== value) return CONFLICT;
    found = value;
  }
  return found;
}

/** A content coding other than `identity` (RFC 9110 §8.4): the bytes are not those of the media type. */
export function isEncoded(headers: RawHeaders): boolean {
  const coding = headerValue(headers, 'content-encoding');
  return coding !== undefined && coding !== '' && coding.toLowerCase() !== 'identity';
}
