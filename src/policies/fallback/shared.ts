/** Which answers everybody may have, and what tells two of them apart (FB-1, RFC 9111 §3 and §4.1). */
import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, fieldName, headerList, headerValue } from '../../core/headers.ts';
import type { Answer } from '../../core/stage.ts';

/** With one of these a request asks for something of its own: for whom it is, for a part of it, or only in one state. */
const OWN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key', 'range', 'if-match', 'if-unmodified-since']);
/** With one of these an answer was made for one exchange, or is itself a repetition. */
const UNSHARED: ReadonlySet<string> = new Set(['set-cookie', 'x-plumbline-fallback', 'idempotent-replayed']);
/** Directives of an answer that forbid to keep it, or to send it again unasked (RFC 9111 §4.2.4, §5.2.2). */
const FORBIDS = /(?:^|[\s,])(?:private|no-store|no-cache|must-revalidate|proxy-revalidate)(?:$|[\s,=])/i;
const NO_STORE = /(?:^|[\s,])no-store(?:$|[\s,=])/i;
/** Nobody names more; what an answer lists is the service's to invent. */
const MAX_VARY = 16;

/** Lower-case names of request fields that make a request one of its caller's own. `apiKeys`: those that carry a key. */
export function ownFields(apiKeys: readonly string[]): ReadonlySet<string> {
  return new Set([...OWN, ...apiKeys]);
}

/** A GET that anybody could have sent: no credentials, no part, no body. */
export function asksForShared({ request, requestBody, operation }: Exchange, own: ReadonlySet<string>): boolean {
  if (request.method !== 'GET' || requestBody.state !== 'none' || operation?.challenge !== undefined) return false;
  return !names(request.headers, own);
}

/** Whether this answer of the upstream may be sent to others that ask for the same. */
export function mayBeKept(x: Exchange, { origin, status, headers }: Answer, own: ReadonlySet<string>): boolean {
  if (origin !== 'upstream' || status !== 200 || !asksForShared(x, own) || names(headers, UNSHARED)) return false;
  const [asked, said] = [headerList(x.request.headers, 'cache-control'), headerList(headers, 'cache-control')];
  if ((asked !== undefined && NO_STORE.test(asked)) || (said !== undefined && FORBIDS.test(said))) return false;
  if (headerValue(headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') === true) return false;
  return varyOf(headers) !== undefined;
}

/** What both forms of a target have in common: Host (RFC 9110 §7.2), path and query. */
export function targetKey({ request, route }: Exchange): string {
  const host = headerValue(request.headers, 'host')?.toLowerCase() ?? '';
  return `${route.upstream}\n${host}\n${request.path}?${request.query}`;
}

/** Names of the request fields on which the answer depends, in lower case and order; undefined: on more than fields (`*`), or on too many. */
export function varyOf(headers: RawHeaders): readonly string[] | undefined {
  const list = headerList(headers, 'vary');
  const coded = headerValue(headers, 'content-encoding');
  if (list === undefined && coded === undefined) return NO_FIELDS;
  const found = new Set<string>();
  for (const part of (list ?? '').split(',')) {
    const name = part.trim().toLowerCase();
    if (name === '*') return undefined;
    if (name !== '') found.add(name);
  }
  // What was compressed must not reach who cannot read it, even where the service forgot to say so.
  if (coded !== undefined) found.add('accept-encoding');
  return found.size > MAX_VARY ? undefined : [...found].sort();
}

const NO_FIELDS: readonly string[] = Object.freeze([]);

/** The value of a field as the upstream is told it, with what the gateway makes of it; undefined where it is absent. */
export function toldValue({ request, requestEdits }: Exchange, lower: string): string | undefined {
  const edit = requestEdits.find(fieldName(lower));
  return edit === undefined ? headerList(request.headers, lower) : edit.value;
}

function names(headers: RawHeaders, any: ReadonlySet<string>): boolean {
  for (let i = 0; i < headers.length; i += 2) if (any.has(fieldName(headers[i] as string).lower)) return true;
  return false;
}
