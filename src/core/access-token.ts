import { type RawHeaders, fieldName } from './headers.ts';

/** An access token as a sender writes it (RFC 6750 §2.1; RFC 9449 §7.1 for those that are bound to a key). */
const BEARER = /^(?:bearer|dpop) +([A-Za-z0-9._~+/-]+=*)$/i;
const PARAMETER = 'access_token';

/**
 * The access token of a request, from Authorization or from the query (RFC 6750 §2.1, §2.3). `several`: more than one was sent, which nobody may
 * (§2). Undefined: none, or none in that form. `query` is raw, without `?`.
 */
export function accessToken(headers: RawHeaders, query: string): string | 'several' | undefined {
  let found: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 13 || fieldName(name).lower !== 'authorization') continue;
    const token = BEARER.exec(headers[i + 1] as string)?.[1];
    if (token === undefined) continue;
    if (found !== undefined) return 'several';
    found = token;
  }
  for (const token of tokensInQuery(query)) {
    if (found !== undefined) return 'several';
    found = token;
  }
  return found;
}

/** Every value that is not empty, of a name that may be percent-encoded too. */
export function tokensInQuery(query: string): readonly string[] {
  if (query === '') return NONE;
  // Most queries have no such parameter, and are not taken apart.
  if (!query.includes(PARAMETER) && !query.includes('%')) return NONE;
  return new URLSearchParams(query).getAll(PARAMETER).filter((value) => value !== '');
}

const NONE: readonly string[] = Object.freeze([]);
