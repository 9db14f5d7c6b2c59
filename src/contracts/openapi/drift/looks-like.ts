import { TEXT_FORMATS } from '../schema/text-formats.ts';

/** Formats that a text shows by itself, the narrow ones first. The order is that of the bits. */
const SHOWN: readonly string[] = ['date-time', 'date', 'uuid', 'email', 'ipv4', 'ipv6', 'uri'];
const MAX_LENGTH = 200;
/** Without one of these no text is in any of them. */
const MARK = /[-@.:]/;
/** `uri` says little of what has no authority: `note:this` is one. */
const HAS_AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/\s]/i;

/** What a text looks like, as a bit; 0: like nothing that is known. */
export function looksLike(text: string): number {
  if (text.length > MAX_LENGTH || !MARK.test(text)) return 0;
  for (const [i, name] of SHOWN.entries()) {
    if (TEXT_FORMATS.get(name)?.(text) !== true) continue;
    if (name === 'email' && !text.includes('.')) continue;
    if (name === 'uri' && !HAS_AUTHORITY.test(text)) continue;
    return 1 << i;
  }
  return 0;
}

export function formatNames(bits: number): string[] {
  return SHOWN.filter((_, i) => (bits & (1 << i)) !== 0);
}

const MAX_NAME = 64;
const IDENTIFIER = /^[@$]?[\p{L}\p{N}_][\p{L}\p{N}_.:$ -]*$/u;
const LETTER = /\p{L}/u;
/** An ID, a date, a hash: keys of a map, not names that somebody chose for a field. */
const DATA = /\d[^\p{L}]*\d[^\p{L}]*\d[^\p{L}]*\d[^\p{L}]*\d|[0-9a-f]{16}|^\d{4}-\d\d/iu;
/** Letters and digits by turns, as in IDs that are drawn by chance (`cus_N1aB2cD3eF4`): three times in ten characters and more, or twice in sixteen. */
const DRAWN = /(?=[a-z\d]{10})(?:[a-z]*\d+[a-z]+){2}[a-z]*\d|(?=[a-z\d]{16})[a-z]*\d+[a-z]+\d/i;

/**
 * A name as it may be told of: `*` where it is not one that somebody chose for a field but data (an address, an ID, a date, a text), as of a map
 * that is not declared as one. Names of a payload do not leave the process then, and they are one finding.
 */
export function toldName(name: string): string {
  return name.length <= MAX_NAME && IDENTIFIER.test(name) && LETTER.test(name) && !DATA.test(name) && !DRAWN.test(name) ? name : '*';
}
