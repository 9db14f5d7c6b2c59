/** Kinds of bytes, by code: one look-up in a table instead of a regular expression per field. */
const TOKEN = 1;
const FIELD_VALUE = 2;
const TARGET = 4;

const KINDS = new Uint8Array(256);

function mark(kind: number, from: number, to = from): void {
  for (let c = from; c <= to; c++) KINDS[c] = (KINDS[c] as number) | kind;
}

for (const c of "!#$%&'*+-.^_`|~") mark(TOKEN, c.charCodeAt(0));
for (const range of ['09', 'AZ', 'az']) mark(TOKEN, range.charCodeAt(0), range.charCodeAt(1));
mark(FIELD_VALUE, 0x09);
mark(FIELD_VALUE, 0x20, 0x7e);
mark(FIELD_VALUE, 0x80, 0xff);
mark(TARGET, 0x21, 0x7e);

/** `tchar` of RFC 9110 §5.6.2. */
export function isTokenCode(c: number): boolean {
  return ((KINDS[c] as number) & TOKEN) !== 0;
}

/** What a field value may hold: HTAB, SP, VCHAR, obs-text (RFC 9110 §5.5). */
export function isFieldValueCode(c: number): boolean {
  return ((KINDS[c] as number) & FIELD_VALUE) !== 0;
}

/** Visible ASCII: all that a request target may hold (RFC 9112 §3.2); what of it is a URI is looked at elsewhere. */
export function isTargetCode(c: number): boolean {
  return ((KINDS[c] as number) & TARGET) !== 0;
}

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
