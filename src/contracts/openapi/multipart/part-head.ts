import { parse } from 'content-type';

/** Header fields of a part, names in lower case; of several with one name the first. */
export type PartFields = ReadonlyMap<string, string>;

/** Forms may be in other character sets (RFC 7578 §5.1.2): what is not UTF-8 becomes U+FFFD, and is no error. */
const utf8 = new TextDecoder();

/** The header area of a part (RFC 2046 §5.1, RFC 822 syntax): undefined where it cannot be read. */
export function partFields(bytes: Uint8Array): PartFields | undefined {
  const fields = new Map<string, string>();
  if (bytes.byteLength === 0) return fields;
  const text = utf8.decode(bytes);
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
  /** The name has characters that senders write in different ways, or is written in one: nobody can tell which one is meant. */
  readonly isAmbiguous: boolean;
}

export function dispositionOf(fields: PartFields): Disposition | undefined {
  const field = fields.get('content-disposition');
  if (field === undefined) return undefined;
  const semicolon = field.indexOf(';');
  const type = (semicolon < 0 ? field : field.slice(0, semicolon)).trim().toLowerCase();
  return { type, ...nameIn(semicolon < 0 ? '' : field.slice(semicolon + 1)) };
}

/** The parameter `name`. What stands in the quotes of another one is not looked at. */
function nameIn(parameters: string): Pick<Disposition, 'name' | 'isAmbiguous'> {
  let isAmbiguous = false;
  for (let from = 0; from < parameters.length; ) {
    const equals = parameters.indexOf('=', from);
    if (equals < 0) break;
    const value = valueAt(parameters, equals + 1);
    // A backslash before the quote: the end of a path of Windows, as old browsers write it.
    if (value === undefined) return { name: undefined, isAmbiguous: isAmbiguous || parameters.includes('\\', equals) };
    if (value.text.includes('\\"')) isAmbiguous = true;
    const parameter = parameters.slice(from, equals).trim().toLowerCase();
    if (parameter === 'name') return { name: value.text, isAmbiguous: /\\|%22|%0[ad]|\ufffd/i.test(value.text) };
    // RFC 5987 has no place in a form (RFC 7578 §4.2), but some senders write names that are not ASCII so.
    if (parameter === 'name*') isAmbiguous = true;
    from = value.end + 1;
  }
  return { name: undefined, isAmbiguous };
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

/** The boundary of a multipart media type; undefined where there is none. RFC 2046 §5.1.1 allows fewer characters; `*****` is a common one. */
export function boundaryOf(contentType: string): string | undefined {
  const { boundary } = parse(contentType).parameters;
  return boundary !== undefined && /^[ !#-[\]-~]{0,199}[!#-[\]-~]$/.test(boundary) ? boundary : undefined;
}
