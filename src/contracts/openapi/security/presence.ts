import type { ContractRequest, SkipReason } from '../../../core/contract.ts';
import type { TokenVerdict } from '../../../core/credentials.ts';
import { headerValue, headerValues } from '../../../core/headers.ts';
import { tokensInQuery } from '../../../core/access-token.ts';
import type { SchemeModel, SchemeUse } from '../model.ts';
import { eachPair, formDecode } from '../parameters/decode.ts';
import { type Presence, authorized } from './authorization.ts';

/** What a request has of one scheme. `missing`: indices of scopes that its token does not have. */
export type Met =
  | { readonly is: Presence }
  | { readonly is: 'invalid'; readonly detail: string }
  | { readonly is: 'scope'; readonly missing: readonly number[] }
  | { readonly is: 'unknown'; readonly reason: SkipReason };

/** The one that says so: who asks only for that compares with it. */
export const MET: Met = { is: 'met' };
const ABSENT: Met = { is: 'absent' };
const PRESENCE: Readonly<Record<Presence, Met>> = { met: MET, absent: ABSENT, malformed: { is: 'malformed' } };
const UNVERIFIED: Met = { is: 'unknown', reason: 'unverified' };
const IN_BODY: Met = { is: 'unknown', reason: 'unsupported' };

/** Whether what becomes of the access token counts for this scheme. */
export function isVerified(scheme: SchemeModel): boolean {
  return scheme.type === 'bearer' || (scheme.type === 'http' && scheme.tokens === 'verifiable');
}

/** `token` is undefined where nothing verifies it. */
export function met({ scheme, scopes }: SchemeUse, request: ContractRequest, token: TokenVerdict | undefined): Met {
  const { headers, query } = request;
  switch (scheme.type) {
    case 'apiKey':
      return hasKey(scheme, request) ? MET : ABSENT;
    case 'http': {
      const presence = PRESENCE[authorized(headers, [scheme.scheme])];
      return presence === MET && isVerified(scheme) ? held(token, NO_SCOPES) : presence;
    }
    case 'bearer': {
      const presence = PRESENCE[authorized(headers, ACCESS_TOKEN)];
      if (presence === MET || tokensInQuery(query).length > 0) return held(token, scopes);
      return presence === ABSENT && mayBeInBody(request) ? IN_BODY : presence;
    }
    case 'unseen':
      return MET;
  }
}

/** How an access token is sent (RFC 6750 §2.1, RFC 9449 §7.1). */
const ACCESS_TOKEN = ['bearer', 'dpop'];
const NO_SCOPES: readonly string[] = [];

/** Where it is verified, a token must be good, and give every scope that is required (OpenAPI 3.1.1 §4.8.30). */
function held(token: TokenVerdict | undefined, scopes: readonly string[]): Met {
  if (token === undefined) return MET;
  switch (token.is) {
    case 'verified': {
      const given = token.token.scopes;
      const missing = scopes.flatMap((scope, i) => (given.has(scope) ? [] : [i]));
      return missing.length === 0 ? MET : { is: 'scope', missing };
    }
    case 'invalid':
      return token;
    default:
      return UNVERIFIED;
  }
}

/** An access token may travel in a form too (RFC 6750 §2.2), which is not read for this. */
function mayBeInBody({ method, headers }: ContractRequest): boolean {
  return (
    method !== 'GET' &&
    method !== 'HEAD' &&
    /^application\/x-www-form-urlencoded *(?:;|$)/i.test(headerValue(headers, 'content-type') ?? '')
  );
}

function hasKey(scheme: Extract<SchemeModel, { type: 'apiKey' }>, { headers, query }: ContractRequest): boolean {
  if (scheme.in === 'header') return headerValues(headers, scheme.key.toLowerCase()).some((value) => value !== '');
  if (scheme.in === 'query') return hasInQuery(query, scheme.key);
  return hasCookie(headerValues(headers, 'cookie'), scheme.key);
}

function hasInQuery(query: string, key: string): boolean {
  let found = false;
  if (query !== '')
    eachPair(query, (name, value) => {
      if (value !== '' && formDecode(name) === key) found = true;
    });
  return found;
}

/** RFC 6265 §4.2.1: a value may stand in quotes, and there may be several of one name. */
function hasCookie(lines: readonly string[], name: string): boolean {
  return lines.some((line) =>
    line.split(';').some((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0 || pair.slice(0, equals).trim() !== name) return false;
      const value = pair.slice(equals + 1).trim();
      return value !== '' && value !== '""';
    }),
  );
}
