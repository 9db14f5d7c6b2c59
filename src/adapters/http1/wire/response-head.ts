import { CR, LF, SP, isFieldValueCode } from './characters.ts';
import { type HeadFault, parseFields } from './fields.ts';

export interface ParsedResponseHead {
  readonly status: number;
  readonly minor: 0 | 1;
  readonly headers: string[];
}

/** A response's head (RFC 9112 §4, §5), up to the CR LF of the last field line. The reason phrase is read and forgotten (§4: it means nothing). */
export function parseResponseHead(text: string): ParsedResponseHead | HeadFault {
  if (!text.startsWith('HTTP/1.')) return 'the answer does not begin with HTTP/1';
  const minor = text.charCodeAt(7) - 0x30;
  if (!(minor >= 0 && minor <= 9) || text.charCodeAt(8) !== SP) return 'the status line has no version';
  const status = threeDigits(text, 9);
  if (status < 100 || status > 999) return 'the status is not three digits from 100 on';
  let at = 12;
  let c = text.charCodeAt(at);
  // The space before an empty reason is often left out, though §4 asks for it; no harm can be done with that.
  if (c !== SP && c !== CR) return 'the status is not three digits from 100 on';
  while (isFieldValueCode(c)) c = text.charCodeAt(++at);
  if (c !== CR || text.charCodeAt(at + 1) !== LF) return 'the status line does not end with CR LF';
  const headers = parseFields(text, at + 2);
  return typeof headers === 'string' ? headers : { status, minor: minor === 0 ? 0 : 1, headers };
}

function threeDigits(text: string, at: number): number {
  let n = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return 0;
    n = n * 10 + digit;
  }
  return n;
}
