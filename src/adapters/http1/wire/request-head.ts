import { CR, LF, SP, isTargetCode, isTokenCode } from './characters.ts';
import { type HeadFault, parseFields } from './fields.ts';

export interface ParsedRequestHead {
  readonly method: string;
  /** As received. */
  readonly target: string;
  /** HTTP/1.`minor`; any minor above 1 counts as 1 (RFC 9110 §6.2). */
  readonly minor: 0 | 1;
  readonly headers: string[];
}

/** A request's head (RFC 9112 §3, §5), from the first byte of the request line to the CR LF of the last field line. */
export function parseRequestHead(text: string): ParsedRequestHead | HeadFault {
  let at = 0;
  let c = text.charCodeAt(0);
  while (isTokenCode(c)) c = text.charCodeAt(++at);
  if (at === 0 || c !== SP) return 'the request line does not begin with a method and a space';
  const method = text.slice(0, at);
  const targetAt = ++at;
  c = text.charCodeAt(at);
  while (isTargetCode(c)) c = text.charCodeAt(++at);
  if (c !== SP || at === targetAt) return targetFault(c, at === targetAt);
  const target = text.slice(targetAt, at);
  const minor = minorVersion(text, at + 1);
  if (minor === undefined) return 'the request line does not end with HTTP/1.0 or HTTP/1.1';
  const headers = parseFields(text, at + 11);
  return typeof headers === 'string' ? headers : { method, target, minor, headers };
}

function targetFault(c: number, empty: boolean): HeadFault {
  if (c === CR || c === LF) return 'the request line has no version';
  return empty ? 'the request line has no target after its method' : 'the request target has a character that none may have';
}

/** `HTTP/1.x` and CR LF at `at`; of major version 1 alone, since a different one is another syntax. */
function minorVersion(text: string, at: number): 0 | 1 | undefined {
  if (!text.startsWith('HTTP/1.', at)) return undefined;
  const digit = text.charCodeAt(at + 7) - 0x30;
  if (!(digit >= 0 && digit <= 9) || text.charCodeAt(at + 8) !== CR || text.charCodeAt(at + 9) !== LF) return undefined;
  return digit === 0 ? 0 : 1;
}
