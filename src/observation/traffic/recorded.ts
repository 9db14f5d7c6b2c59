import type { RawHeaders } from '../../core/headers.ts';

/** `absent`: the message had none; `unrecorded`: it had one that the recording does not hold, and nothing is said of it. */
export type RecordedBody = Uint8Array | 'absent' | 'unrecorded';

/** One exchange out of a recording, as it went over the wire but for content codings: bodies are plain, and nothing says otherwise. */
export interface RecordedExchange {
  /** Place in the recording, for messages: `entry 12`, `line 3`. Counted from 1. */
  readonly where: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** Authority of the URL in lower case, with its port where that is not the scheme's own; empty where the recording has none. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Raw, without query. */
  readonly path: string;
  /** Raw, without `?`. */
  readonly query: string;
  readonly requestHeaders: RawHeaders;
  readonly requestBody: RecordedBody;
  readonly status: number;
  readonly responseHeaders: RawHeaders;
  readonly responseBody: RecordedBody;
}

/** Something in a recording that is no exchange, and why. */
export interface UnreadEntry {
  readonly where: string;
  readonly why: string;
}

export interface Recording {
  readonly exchanges: readonly RecordedExchange[];
  readonly unread: readonly UnreadEntry[];
}

/** The URL of a recorded request in parts; undefined where it is none, or of another protocol. */
export function targetOf(text: string): Pick<RecordedExchange, 'host' | 'scheme' | 'path' | 'query'> | undefined {
  const origin = /^(https?):\/\/([^/?#]+)/i.exec(text);
  if (origin === null && !text.startsWith('/')) return undefined;
  const scheme = origin?.[1]?.toLowerCase() === 'http' ? 'http' : 'https';
  const authority = (origin?.[2] ?? '').toLowerCase().replace(/^.*@/, '');
  const rest = text.slice(origin?.[0].length ?? 0).replace(/#.*$/s, '');
  const at = rest.indexOf('?');
  const path = at < 0 ? rest : rest.slice(0, at);
  return {
    host: authority.replace(scheme === 'http' ? /:80$/ : /:443$/, ''),
    scheme,
    path: path === '' ? '/' : path,
    query: at < 0 ? '' : rest.slice(at + 1),
  };
}

/** What is no field name (RFC 9110 §5.1): those of HTTP/2 that begin with a colon, and what nobody can have sent. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~\w-]{1,256}$/;

/** Of the coding on the wire, and not of the message: a recording has bodies without codings. Lengths stay: of an answer to HEAD they say something. */
export function isKept(name: string): boolean {
  return FIELD_NAME.test(name) && !/^(content-encoding|transfer-encoding)$/i.test(name);
}

/** Milliseconds since 1970 of an instant as RFC 3339 and ISO 8601 write it; undefined for anything else. */
export function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

export type Members = Readonly<Record<string, unknown>>;

/** A JSON object; undefined for anything else. */
export function members(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

/** A method as RFC 9110 §9.1 has it: a token. */
export function isMethod(value: unknown): value is string {
  return typeof value === 'string' && /^[!#$%&'*+.^`|~\w-]{1,64}$/.test(value);
}

/** A status code that ends an exchange (RFC 9110 §15): of interim ones 101 alone. */
export function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && (value === 101 || (value >= 200 && value <= 599));
}
