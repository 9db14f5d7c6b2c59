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
  /** Bytes that no schema describes. */
  | 'opaque'
  /** Parts, rows or elements that this version does not take apart. */
  | 'unjudged'
  /** Events that come one by one, and are never held for a verdict. */
  | 'stream';

const UNJUDGED: ReadonlySet<string> = new Set([
  'text/csv',
  'text/tab-separated-values',
  'text/xml',
  'application/xml',
  'text/yaml',
  'application/yaml',
  'application/x-yaml',
  'application/cbor',
  'application/msgpack',
  'application/x-msgpack',
]);
const UNJUDGED_SUFFIXES: ReadonlySet<string> = new Set(['xml', 'yaml', 'cbor']);

export function kindOf(media: MediaType): Kind {
  const name = `${media.type}/${media.subtype}`;
  if (isStreamType(name) || media.suffix === 'json-seq') return 'stream';
  if (isJson(media)) return 'json';
  if (name === 'application/x-www-form-urlencoded') return 'form';
  if (UNJUDGED.has(name) || UNJUDGED_SUFFIXES.has(media.suffix) || media.type === 'multipart') return 'unjudged';
  return media.type === 'text' ? 'text' : 'opaque';
}

export function isJson(media: MediaType): boolean {
  return media.suffix === 'json' || ((media.type === 'application' || media.type === 'text') && media.subtype === 'json');
}
