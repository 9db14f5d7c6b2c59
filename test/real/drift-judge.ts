import { type Json, type JsonObject, isObject, member } from './github.ts';
import { fieldOf, judgeExchange, mediaTypeOf } from './judge/exchange.ts';
import { at, below, followed } from './judge/pointers.ts';
import type { Recording } from './recordings.ts';
import { shapeOfPath } from './rows.ts';

/** What an exchange shows of how traffic and document differ, by the document's text: by a judge that shares nothing with the gateway. */
export interface Shown {
  readonly kind: string;
  /** Place in the document; of an unknown path the method and the path. */
  readonly place: string;
  readonly name: string;
}

export function shownBy(document: Json, recording: Recording): Shown[] {
  const { status, responseHeaders } = recording;
  const { operation, faults } = judgeExchange(document, recording);
  const isTaken = status < 300 || status === 304;
  if (operation === undefined) {
    const place = `${recording.method} ${shapeOfPath(recording.target)}`;
    return isTaken ? [{ kind: 'undocumented_endpoint', place, name: '' }] : [];
  }
  const [sent, got] = [faults.filter(({ side }) => side === 'request'), faults.filter(({ side }) => side === 'response')];
  const shown = got.map((fault) => shownByAnswer(fault, responseHeaders));
  if (isTaken) shown.push(...sent.flatMap((fault) => shownByTaken(fault, recording)));
  if (sent.length === 0 && (status === 400 || status === 422))
    shown.push({ kind: 'valid_refused', place: operation.pointer, name: String(status) });
  shown.push(...unknownHeaders(document, operation.pointer, responseHeaders), ...unknownMembers(document, operation.pointer, recording));
  return shown;
}

type Fault = ReturnType<typeof judgeExchange>['faults'][number];

function shownByAnswer({ rule, pointer, specPointer: place }: Fault, headers: readonly string[]): Shown {
  if (rule === 'required') return { kind: 'missing_required', place, name: pointer.slice(pointer.lastIndexOf('/') + 1) };
  if (rule === 'media_type') return { kind: 'undocumented_media_type', place, name: mediaTypeOf(headers) ?? '' };
  // The recorded traffic shows no other; if it did, this judge would have to be taught.
  throw new Error(`${rule} at ${place}`);
}

function shownByTaken({ rule, specPointer: place }: Fault, { requestHeaders }: Recording): Shown[] {
  if (rule === 'media_type') return [{ kind: 'undocumented_media_type', place, name: mediaTypeOf(requestHeaders) ?? '' }];
  // A server may disregard Accept (RFC 9110 §12.5.1).
  if (rule === 'not_acceptable' && fieldOf(requestHeaders, 'accept') !== undefined) return [];
  throw new Error(`${rule} at ${place}`);
}

/**
 * Fields of the recorded answers that are no findings although no document names them there: those of HTTP, of browsers' security, and those that tell of
 * limits. Every one is written out, and another one is a finding: this list, and nothing else, is taken over from what Plumbline leaves out.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['server', 'date', 'content-type', 'content-length', 'cache-control', 'vary', 'etag', 'expires'],
  ...['access-control-expose-headers', 'access-control-allow-origin', 'strict-transport-security', 'content-security-policy'],
  ...['referrer-policy', 'x-frame-options', 'x-content-type-options', 'x-xss-protection'],
  ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-ratelimit-used', 'x-ratelimit-resource'],
]);

/** Fields of answers of operations whose answers have documented ones. */
function unknownHeaders(document: Json, operation: string, headers: readonly string[]): Shown[] {
  const documented = documentedHeaders(document, operation);
  if (documented.length === 0) return [];
  return headers
    .filter((_, i) => i % 2 === 0)
    .map((name) => name.toLowerCase())
    .filter((name) => !LEFT_OUT.has(name) && !documented.includes(name))
    .map((name) => ({ kind: 'undocumented_header', place: '/paths', name }));
}

/** Names in lower case of all headers that any answer of an operation has in the document. */
export function documentedHeaders(document: Json, operation: string): string[] {
  const responses = `${operation}/responses`;
  const places = Object.keys(at(document, responses) as JsonObject).map((status) => followed(document, below(responses, status)));
  return places.flatMap((place) => Object.keys((at(document, `${place}/headers`) ?? {}) as JsonObject)).map((name) => name.toLowerCase());
}

/** Members of a JSON answer of which no schema that may be meant knows the name. */
function unknownMembers(document: Json, operation: string, { status, responseHeaders, responseBody }: Recording): Shown[] {
  const place = followed(document, below(`${operation}/responses`, status));
  const type = mediaTypeOf(responseHeaders) ?? '';
  const content = below(`${place}/content`, type);
  if (!/[/+]json$/.test(type) || at(document, content) === undefined || responseBody.length === 0) return [];
  return unknownIn(document, [`${content}/schema`], JSON.parse(responseBody.toString()) as Json);
}

function unknownIn(document: Json, schemas: readonly string[], value: Json): Shown[] {
  const meant = [...new Set(schemas.flatMap((schema) => partsOf(document, schema)))];
  if (Array.isArray(value)) {
    const items = meant.map((schema) => `${schema}/items`).filter((place) => at(document, place) !== undefined);
    return (value as readonly Json[]).flatMap((item) => unknownIn(document, items, item));
  }
  if (!isObject(value)) return [];
  const naming = meant.filter((schema) => isObject(at(document, `${schema}/properties`)));
  const isMap = meant.some((schema) => ![undefined, false].includes(at(document, `${schema}/additionalProperties`) as undefined));
  if (naming.length === 0 || isMap) return [];
  return Object.entries(value).flatMap(([name, of]): Shown[] => {
    const known = naming.map((schema) => below(`${schema}/properties`, name)).filter((place) => at(document, place) !== undefined);
    return known.length === 0 ? [{ kind: 'undocumented_field', place: naming[0] as string, name }] : unknownIn(document, known, of);
  });
}

/** A schema, and all that it consists of in place. */
function partsOf(document: Json, schema: string): string[] {
  const place = followed(document, schema);
  const of = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => {
    const list = member(at(document, place), keyword);
    return Array.isArray(list) ? list.map((_, i) => below(`${place}/${keyword}`, i)) : [];
  });
  return [place, ...of.flatMap((part) => partsOf(document, part))];
}
