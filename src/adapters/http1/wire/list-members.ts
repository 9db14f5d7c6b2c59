import { HTAB, SP } from './characters.ts';

/**
 * Members of a list-based field (RFC 9110 §5.6.1), empty ones too. Only SP and HTAB are whitespace here: `trim` takes off more, of what a
 * value may hold (a no-break space).
 */
export function listMembers(value: string): string[] {
  return value.split(',').map(withoutWhitespace);
}

function withoutWhitespace(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(c: number): boolean {
  return c === SP || c === HTAB;
}
