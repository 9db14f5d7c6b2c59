import { parseBlock } from '../../../core/address.ts';

/** What a registered name may hold (RFC 3986 §3.2.2) but `%`, and but `,`: two Host fields that somebody joined are not one name. */
const NAME = new Uint8Array(256);
for (const c of "-._~!$&'()*+;=") NAME[c.charCodeAt(0)] = 1;
for (const [from, to] of ['09', 'AZ', 'az'].map((range) => [range.charCodeAt(0), range.charCodeAt(1)] as const)) NAME.fill(1, from, to + 1);

const COLON = 0x3a;
const PERCENT = 0x25;
const BRACKET = 0x5b;

/**
 * Where the host of `uri-host [ ":" port ]` ends (RFC 9110 §7.2), with the brackets of an IPv6 address; −1: this is no such thing. Empty is
 * possible: it says that the target's authority is (RFC 9112 §3.2).
 */
export function hostEnd(text: string): number {
  let at = 0;
  let c = text.charCodeAt(0);
  if (c === BRACKET) {
    const close = text.indexOf(']');
    if (!isIpv6(text.slice(1, close))) return -1;
    at = close + 1;
    c = text.charCodeAt(at);
  } else {
    while (NAME[c] === 1 || (c === PERCENT && isHexPair(text, at + 1))) c = text.charCodeAt(++at);
  }
  if (at === text.length) return at;
  return c === COLON && at > 0 && isPort(text, at + 1) ? at : -1;
}

/** Whether two authorities are one (RFC 9110 §4.2.3): case is no difference, nor is a port that the scheme has by itself. */
export function sameAuthority(a: string, b: string, defaultPort: string): boolean {
  return a === b || plainAuthority(a, defaultPort) === plainAuthority(b, defaultPort);
}

/** Host in lower case and port, of what `hostEnd` has taken. */
function plainAuthority(text: string, defaultPort: string): string {
  const end = hostEnd(text);
  const port = text.slice(end + 1).replace(/^0+(?=\d)/, '');
  return `${text.slice(0, end).toLowerCase()}:${port === '' ? defaultPort : port}`;
}

function isIpv6(text: string): boolean {
  return text.includes(':') && !text.includes('/') && !text.includes('%') && parseBlock(text) !== undefined;
}

function isPort(text: string, from: number): boolean {
  let port = 0;
  for (let i = from; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return false;
    port = port * 10 + digit;
    if (port > 65_535) return false;
  }
  return true;
}

function isHexPair(text: string, at: number): boolean {
  return /^[0-9A-Fa-f]{2}$/.test(text.slice(at, at + 2));
}
