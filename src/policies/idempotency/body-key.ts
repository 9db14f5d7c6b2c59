import { type RawHeaders, headerValue } from '../../core/headers.ts';
import { INVALID, type Key, MAX_KEY_LENGTH } from './key.ts';

/** A JSON pointer (RFC 6901 §4), taken apart: one unescaped token a step. */
export function parsePointer(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const INDEX = /^(?:0|[1-9]\d{0,8})$/;

/** What stands there; undefined where nothing does. */
export function valueAt(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) ? !INDEX.test(token) : !Object.hasOwn(value, token)) return undefined;
    value = (value as Record<string, unknown>)[token];
  }
  return value;
}

/**
 * A value in a body as a key: a string, or a whole number. One beyond 2^53 - 1 is refused: several of them read as the same number, and
 * another's answer would be given for this one. So is half a surrogate pair, which is hashed like any other half. Null and the empty string are as if there was none.
 */
export function keyOfValue(value: unknown): Key {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : INVALID;
  return typeof value === 'string' && value.length <= MAX_KEY_LENGTH && value.isWellFormed() ? value : INVALID;
}

/** A body that says of itself that it is JSON, not compressed: others are not looked into. */
export function isPlainJson(headers: RawHeaders): boolean {
  const coding = headerValue(headers, 'content-encoding');
  if (coding !== undefined && coding.toLowerCase() !== 'identity') return false;
  const type = mediaType(headers);
  return type === 'application/json' || type.endsWith('+json');
}

/** In lower case, without parameters (RFC 9110 §8.3.1); empty where there is none. */
export function mediaType(headers: RawHeaders): string {
  const value = headerValue(headers, 'content-type') ?? '';
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}
