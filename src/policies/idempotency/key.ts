import { type RawHeaders, fieldName } from '../../core/headers.ts';

/** Something is there, and it is no key (ID-1): IDEMPOTENCY_KEY_INVALID. */
export const INVALID = Symbol('not a key');

/** A key; undefined: there is none, or it is empty. */
export type Key = string | undefined | typeof INVALID;

export const MAX_KEY_LENGTH = 255;

/** The key that a field of this lower-case name carries. Two fields of the name are no key, not even where they say the same. */
export function headerKey(headers: RawHeaders, lower: string): Key {
  let key: Key;
  let seen = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== lower.length || fieldName(name).lower !== lower) continue;
    if (seen) return INVALID;
    seen = true;
    key = parseKey(headers[i + 1] as string);
  }
  return key;
}

/** A string of structured fields (RFC 9651 §3.3.3), or visible ASCII as it stands: `"a"` and `a` are one key. */
export function parseKey(value: string): Key {
  if (value === '') return undefined;
  if (value.charCodeAt(0) === QUOTE) return parseQuoted(value);
  if (value.length > MAX_KEY_LENGTH) return INVALID;
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c < 0x21 || c > 0x7e) return INVALID;
  }
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** RFC 9651 §4.2.5. Parameters after the string mean nothing to a key, and are refused with what else follows it. */
function parseQuoted(value: string): Key {
  let key = '';
  for (let i = 1; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c === QUOTE) return i < value.length - 1 || key.length > MAX_KEY_LENGTH ? INVALID : key === '' ? undefined : key;
    if (c < 0x20 || c > 0x7e) return INVALID;
    if (c === BACKSLASH) {
      i += 1;
      const escaped = value.charCodeAt(i);
      if (escaped !== QUOTE && escaped !== BACKSLASH) return INVALID;
    }
    key += value[i];
  }
  return INVALID;
}
