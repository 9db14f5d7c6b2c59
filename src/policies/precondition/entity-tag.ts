import { type RawHeaders, headerValue, headerValues } from '../../core/headers.ts';

/** One strong tag (RFC 9110 §8.8.3), or a version number as many send it, without quotes. */
const STRONG = /^(?:"[\x21\x23-\x7e\x80-\xff]*"|[A-Za-z0-9._~:+/=-]+)$/;
const MAX_LENGTH = 256;

/**
 * The one version that a write names. Undefined where it names none: `*` is any version, of a list nobody knows which one it was, and a
 * weak tag may stay the same through a change (RFC 9110 §8.8.1, §13.1.1).
 */
export function namedVersion(headers: RawHeaders): string | undefined {
  const [value, ...more] = headerValues(headers, 'if-match');
  if (value === undefined || more.length > 0 || value.length > MAX_LENGTH || !STRONG.test(value)) return undefined;
  return value;
}

/** The version that an answer says is the present one. */
export function presentVersion(headers: RawHeaders): string | undefined {
  const value = headerValue(headers, 'etag');
  return value === undefined || value.length > MAX_LENGTH ? undefined : value;
}
