/** Ways to write a path of which the gateway and a service may think differently (semantics HY-2). */
import { type Rejection, rejection } from '../core/rejection.ts';

const refused = (what: string): Rejection => Object.freeze(rejection('MALFORMED_REQUEST', `the path of the target has ${what}`));

const NUL = refused('an encoded NUL');
const SLASH = refused('an encoded slash');
const BACKSLASH = refused('a backslash');
const DOTS = refused('a dot segment');

/** `.` and `..`, encoded too, and with a path parameter: servlet containers take `..;x` for `..`. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|;|%3b|$)/i;
/** Only those with a parameter: no rule says what they become. */
const DOTS_WITH_PARAMETER = /\/(?:\.|%2e){1,2}(?:;|%3b)/i;

/** What makes a path ambiguous; undefined: nothing does. A `%` that begins no escape is not ours to judge. */
export function pathFault(path: string): Rejection | undefined {
  if (/%00/.test(path)) return NUL;
  if (/%2f/i.test(path)) return SLASH;
  if (/\\|%5c/i.test(path)) return BACKSLASH;
  return DOT_SEGMENT.test(path) ? DOTS : undefined;
}

/**
 * The path as its most liberal reader takes it, in normal form (RFC 3986 §6.2.2): slashes and backslashes decoded, escapes that nobody
 * needs too, the others in capitals, dot segments gone. A `%` that begins no escape becomes `%25`, so that no escape comes about. Normal
 * forms stay as they are. `path` begins with `/`.
 */
export function normalPath(path: string): string | Rejection {
  if (/%00/.test(path)) return NUL;
  const decoded = path.replace(/%([0-9a-f]{2})|[%\\]/gi, normalEscape);
  return DOTS_WITH_PARAMETER.test(decoded) ? DOTS : withoutDotSegments(decoded);
}

function normalEscape(text: string, digits: string | undefined): string {
  if (digits === undefined) return text === '\\' ? '/' : '%25';
  const character = String.fromCharCode(Number.parseInt(digits, 16));
  if (character === '/' || character === '\\') return '/';
  return /[\w.~-]/.test(character) ? character : text.toUpperCase();
}

/** RFC 3986 §5.2.4. */
function withoutDotSegments(path: string): string {
  if (!path.includes('/.')) return path;
  const segments = path.split('/').slice(1);
  const kept: string[] = [];
  for (const [i, segment] of segments.entries()) {
    const dots = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!dots) kept.push(segment);
    else if (i === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/**
 * A path to compare with another: escapes of ASCII mean the same as what they stand for (RFC 3986 §6.2.2.2), except those that would make or
 * hide a segment.
 */
export function comparablePath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/%[0-9a-f]{2}/gi, (triplet) => {
    const code = Number.parseInt(triplet.slice(1), 16);
    return code === 0 || code === 0x2f || code === 0x5c || code > 0x7e ? triplet.toUpperCase() : String.fromCharCode(code);
  });
}
