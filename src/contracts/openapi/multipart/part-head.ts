import { parse } from 'content-type';

/** Header fields of a part, names in lower case; of several with one name the first. */
export type PartFields = ReadonlyMap<string, string>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The header area of a part (RFC 2046 §5.1, RFC 822 syntax): undefined where it cannot be read. */
export function partFields(bytes: Uint8Array): PartFields | undefined {
  const fields = new Map<string, string>();
  if (bytes.byteLength === 0) return fields;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return undefined;
  }
  // A line that begins with white space belongs to the one before it.
  for (const line of text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trimEnd().toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return undefined;
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** `Content-Disposition: form-data; name="…"` (RFC 7578 §4.2). */
export interface Disposition {
  readonly type: string;
  readonly name: string | undefined;
  /** The name has characters that senders write in different ways: nobody can tell which one is meant. */
  readonly isAmbiguous: boolean;
}

export function dispositionOf(fields: PartFields): Disposition | undefined {
  const field = fields.get('content-disposition');
  if (field === undefined) return undefined;
  const semicolon = field.indexOf(';');
  const type = (semicolon < 0 ? field : field.slice(0, semicolon)).trim().toLowerCase();
  const name = semicolon < 0 ? undefined : nameIn(field.slice(semicolon + 1));
  return { type, name, isAmbiguous: name !== undefined && /\\|%22|%0[ad]|\ufffd/i.test(name) };
}

/** The parameter `name`. What stands in the quotes of another one is not looked at. */
function nameIn(parameters: string): string | undefined {
  for (let from = 0; from < parameters.length; ) {
    const equals = parameters.indexOf('=', from);
    if (equals < 0) return undefined;
    const value = valueAt(parameters, equals + 1);
    if (value === undefined) return undefined;
    if (parameters.slice(from, equals).trim().toLowerCase() === 'name') return value.text;
    from = value.end + 1;
  }
  return undefined;
}

/** A token or quoted string, and where the semicolon behind it is; undefined where it has no end. */
function valueAt(text: string, from: number): { readonly text: string; readonly end: number } | undefined {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  if (text[at] !== '"') {
    const end = endOf(text, at);
    return { text: text.slice(at, end).trim(), end };
  }
  let close = at + 1;
  while (close < text.length && text[close] !== '"') close += text[close] === '\\' ? 2 : 1;
  return close >= text.length ? undefined : { text: text.slice(at + 1, close), end: endOf(text, close) };
}

function endOf(text: string, from: number): number {
  const semicolon = text.indexOf(';', from);
  return semicolon < 0 ? text.length : semicolon;
}

/** The boundary of a multipart media type; undefined where there is none that RFC 2046 §5.1.1 allows. */
export function boundaryOf(contentType: string): string | undefined {
  const { boundary } = parse(contentType).parameters;
  return boundary !== undefined && /^[0-9A-Za-z'()+_,./:=? -]{0,199}[0-9A-Za-z'()+_,./:=?-]$/.test(boundary) ? boundary : undefined;
}
