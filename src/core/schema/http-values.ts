import type { Schema } from './node.ts';
import { mapped } from './derived.ts';
import { string } from './scalars.ts';

/** A field name (RFC 9110 §5.1), read in lower case. */
export function headerName(): Schema<string> {
  const name = string({ type: 'header name', form: 'letters, digits and -', pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, maxLength: 128 });
  return mapped(name, (text) => text.toLowerCase());
}

/**
 * A path that covers whole segments: `/v1` covers `/v1` and `/v1/x`, not `/v10`. Raw, as it travels: no query, no dot segments,
 * no empty segments. Read without a slash at its end.
 */
export function pathPrefix(): Schema<string> {
  const path = string({
    type: 'path',
    form: 'begins with /; no query, no empty or dot segments',
    pattern: /^(?=\/)(?:\/(?!\.{1,2}(?:\/|$))[^\s?#/]+)*\/?$/,
  });
  return mapped(path, (text) => (text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text));
}
