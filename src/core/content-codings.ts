/** A content coding that can be taken off (RFC 9110 §8.4.1, RFC 7932, RFC 8878). */
export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd';

const BY_NAME: ReadonlyMap<string, ContentCoding | undefined> = new Map<string, ContentCoding | undefined>([
  ['gzip', 'gzip'],
  // RFC 9110 §8.4.1.3: "A recipient SHOULD consider "x-gzip" to be equivalent to "gzip"."
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
  ['identity', undefined],
  // An empty list element means nothing (RFC 9110 §5.6.1.2).
  ['', undefined],
]);

/** More of them than anybody applies on purpose: each is one more pass over the body. */
const MAX_CODINGS = 4;

/**
 * The codings of a Content-Encoding, in the order in which they were applied, without `identity`; undefined where one of them is not known here,
 * or there are more than four.
 */
export function contentCodings(value: string): readonly ContentCoding[] | undefined {
  const codings: ContentCoding[] = [];
  for (const part of value.split(',', 100)) {
    const name = part.trim().toLowerCase();
    if (!BY_NAME.has(name)) return undefined;
    const coding = BY_NAME.get(name);
    if (coding === undefined) continue;
    if (codings.length === MAX_CODINGS) return undefined;
    codings.push(coding);
  }
  return codings;
}
