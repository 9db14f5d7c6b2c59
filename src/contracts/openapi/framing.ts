import type { BodyLook } from '../../core/contract.ts';
import { type ContentCoding, contentCodings } from '../../core/content-codings.ts';
import { parseMediaType } from './media/media-type.ts';
import { type RawHeaders, fieldName, headerList, headerValue } from '../../core/headers.ts';

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

/**
 * Content-Type, undefined where it is absent, CONFLICT where there are several that differ, or that somebody has put into one line: which of them
 * recipients take is theirs (RFC 9110 §8.3).
 */
export function contentType(headers: RawHeaders): string | undefined | typeof CONFLICT {
  let found: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 12 || fieldName(name).lower !== 'content-type') continue;
    const value = headers[i + 1] as string;
    if (found !== undefined && found !== value) return CONFLICT;
    found = value;
  }
  // Quotes, as of a boundary, may have a comma in them.
  if (found?.includes(',') === true && !found.includes('"') && parseMediaType(found) === undefined) return CONFLICT;
  return found;
}

/**
 * What a body needs that may have a content coding (RFC 9110 §8.4): then its bytes are not those of the media type. It is decoded as a whole or
 * not at all: items that are never held are not judged.
 */
export function codedLook(look: BodyLook, headers: RawHeaders): BodyLook {
  if (look !== true && look !== 'items' && look !== 'parts') return look;
  const coding = headerList(headers, 'content-encoding');
  const codings = coding === undefined ? NO_CODINGS : contentCodings(coding);
  if (codings?.length === 0) return look;
  return codings === undefined || look === 'items' ? 'encoding' : true;
}

const NO_CODINGS: readonly ContentCoding[] = [];
