import { COLON, CR, HTAB, LF, SP, isFieldValueCode, isTokenCode } from './characters.ts';

/** What is wrong with a head, for people; never quotes it. */
export type HeadFault = string;

/**
 * Field lines (RFC 9112 §5) of `text` from `from` to its end, as `[name, value, …]`, values without the whitespace around them. `text` is
 * latin1 and ends with the CR LF of the last field line, or is empty from `from` on. Nothing is repaired: no bare CR or LF, no folded line
 * (§5.2), no space before the colon (§5.1), no control character.
 */
export function parseFields(text: string, from: number): string[] | HeadFault {
  const fields: string[] = [];
  const end = text.length;
  let at = from;
  while (at < end) {
    const nameAt = at;
    let c = text.charCodeAt(at);
    while (at < end && isTokenCode(c)) c = text.charCodeAt(++at);
    if (c !== COLON || at === nameAt) return nameFault(text, nameAt, at);
    const name = text.slice(nameAt, at);
    at += 1;
    c = text.charCodeAt(at);
    while (c === SP || c === HTAB) c = text.charCodeAt(++at);
    const valueAt = at;
    let valueEnd = at;
    while (isFieldValueCode(c)) {
      at += 1;
      if (c !== SP && c !== HTAB) valueEnd = at;
      c = text.charCodeAt(at);
    }
    if (c !== CR) return c === LF ? 'a line of the head ends without CR' : 'a field value has a control character';
    if (text.charCodeAt(at + 1) !== LF) return 'the head has a CR that ends no line';
    fields.push(name, text.slice(valueAt, valueEnd));
    at += 2;
  }
  return fields;
}

function nameFault(text: string, nameAt: number, at: number): HeadFault {
  const c = text.charCodeAt(at);
  const blank = c === SP || c === HTAB;
  if (at === nameAt) {
    if (blank) return 'a field line is folded, or begins with whitespace';
    return c === COLON ? 'a field has no name' : 'a field name has a character that none may have';
  }
  if (blank) return 'whitespace stands between a field name and its colon';
  return c === CR || c === LF || Number.isNaN(c) ? 'a field line has no colon' : 'a field name has a character that none may have';
}
