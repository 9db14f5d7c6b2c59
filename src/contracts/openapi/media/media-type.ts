import { isTypeValid, parse } from 'content-type';
import { isStreamType } from '../../../core/stream-types.ts';

/** A media type or range (RFC 9110 §8.3.1, §12.5.1), in lower case. */
export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  /** Structured syntax suffix (RFC 6839), without `+`; empty where there is none. */
  readonly suffix: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Undefined: not a media type. */
export function parseMediaType(text: string): MediaType | undefined {
  const parsed = parse(text.trim());
  const slash = parsed.type.indexOf('/');
  if (slash < 0 || !isTypeValid(parsed.type)) return undefined;
  const subtype = parsed.type.slice(slash + 1);
  const plus = subtype.lastIndexOf('+');
  return {
    type: parsed.type.slice(0, slash),
    subtype,
    suffix: plus < 0 ? '' : subtype.slice(plus + 1),
    parameters: new Map(Object.entries(parsed.parameters).map(([name, value]) => [name.toLowerCase(), value])),
  };
}

/** How a body of a media type can be judged. */
export type Kind =
  | 'json'
  | 'form'
  | 'text'
  /** Well-formedness alone. */
  | 'xml'
  | 'csv'
  /** JSON texts, a line each; JSON text sequences (RFC 7464); server-sent events. */
  | 'lines'
  | 'records'
  | 'events'
  /** Parts with names (RFC 7578), and parts in order (RFC 2046). */
  | 'form-data'
  | 'multipart'
  /** Bytes that no schema describes. */
  | 'opaque'
  /** Rows or elements that this version does not take apart. */
  | 'unjudged'
  /** Something that comes bit by bit in a form that is not known here, and is never held for a verdict. */
  | 'stream';

const BY_NAME: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['application/x-www-form-urlencoded', 'form'],
  ['multipart/form-data', 'form-data'],
  ['application/x-ndjson', 'lines'],
  ['application/ndjson', 'lines'],
  ['application/jsonl', 'lines'],
  ['application/x-jsonlines', 'lines'],
  ['application/json-lines', 'lines'],
  ['application/json-seq', 'records'],
  ['text/event-stream', 'events'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['text/csv', 'csv'],
  ['text/tab-separated-values', 'unjudged'],
  ['text/yaml', 'unjudged'],
  ['application/yaml', 'unjudged'],
  ['application/x-yaml', 'unjudged'],
  ['application/cbor', 'unjudged'],
  ['application/msgpack', 'unjudged'],
  ['application/x-msgpack', 'unjudged'],
]);
const BY_SUFFIX: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['json-seq', 'records'],
  ['json', 'json'],
  ['xml', 'xml'],
  ['yaml', 'unjudged'],
  ['cbor', 'unjudged'],
]);

export function kindOf(media: MediaType): Kind {
  const name = `${media.type}/${media.subtype}`;
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  if (isStreamType(name)) return 'stream';
  // `application/json;stream=watch`, as cluster APIs name what goes on for ever: one JSON text after the other.
  if (isJson(media)) return media.parameters.has('stream') ? 'stream' : 'json';
  const bySuffix = BY_SUFFIX.get(media.suffix);
  if (bySuffix !== undefined) return bySuffix;
  if (media.type === 'multipart') return 'multipart';
  return media.type === 'text' ? 'text' : 'opaque';
}

export function isJson(media: MediaType): boolean {
  return media.suffix === 'json' || ((media.type === 'application' || media.type === 'text') && media.subtype === 'json');
}
