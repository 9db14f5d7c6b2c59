import { fullFormats } from 'ajv-formats/dist/formats.js';
import { isPlainDateTime } from './plain-date-time.ts';

type TextCheck = (text: string) => boolean;

/** Labels as RFC 1123 §2.1 has them; a domain may be one alone (`user@localhost`). */
const DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)*$/i;
const DOTTED = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/;
const GENERAL_LITERAL = /^[a-z0-9-]*[a-z0-9]:[\x21-\x5a\x5e-\x7e]+$/i;
/** RFC 6570 §2, with the apostrophe that its erratum 6937 gives back to literals. */
const TEMPLATE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: literals have none (RFC 6570 §2.1)
  /^(?:[^\x00-\x20"<>%\\^`{|}\x7f]|%[0-9a-f]{2}|\{[+#./;?&=,!@|]?(?:[a-z0-9_]|%[0-9a-f]{2})(?:\.?(?:[a-z0-9_]|%[0-9a-f]{2}))*(?::[1-9]\d{0,3}|\*)?(?:,(?:[a-z0-9_]|%[0-9a-f]{2})(?:\.?(?:[a-z0-9_]|%[0-9a-f]{2}))*(?::[1-9]\d{0,3}|\*)?)*\})*$/i;
/** `time-offset` of RFC 3339 §5.6: the colon is part of it. */
const OFFSET = /(?:z|[+-]\d\d:\d\d)$/i;
/** A URI may be its scheme, and a query or a fragment behind it (RFC 3986 §3.3, `path-empty`). */
const EMPTY_PATH =
  /^[a-z][a-z0-9+.-]*:(?:\?(?:[a-z0-9._~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?(?:#(?:[a-z0-9._~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?$/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const ipv4 = given('ipv4');
const ipv6 = given('ipv6');
const dateTime = given('date-time');
const uri = given('uri');
const uriReference = given('uri-reference');

/**
 * Formats of text that are asserted: those of JSON Schema 2020-12 (Validation §7.3) without the internationalised ones, and `byte`. What a
 * check lets pass although the RFC does not (a trailing dot of a host name) is a miss; what it refuses must be wrong by the RFC.
 */
export const TEXT_FORMATS: ReadonlyMap<string, TextCheck> = new Map<string, TextCheck>([
  ['date-time', (text) => isPlainDateTime(text) || (dateTime(text) && OFFSET.test(text))],
  ['date', given('date')],
  ['time', given('time')],
  ['duration', given('duration')],
  ['email', isMailbox],
  ['hostname', given('hostname')],
  ['ipv4', ipv4],
  ['ipv6', ipv6],
  ['uri', (text) => uri(text) || EMPTY_PATH.test(text)],
  ['uri-reference', (text) => uriReference(text) || EMPTY_PATH.test(text)],
  ['uri-template', (text) => TEMPLATE.test(text)],
  ['uuid', (text) => UUID.test(text)],
  ['json-pointer', given('json-pointer')],
  ['relative-json-pointer', given('relative-json-pointer')],
  ['regex', isRegex],
  ['byte', isBase64],
]);

/** In OpenAPI 3.0 `time` is not defined (3.0.4 §4.4.1), and those who write it there mean times without an offset as often as not. */
export const NOT_IN_30: ReadonlySet<string> = new Set(['time']);

function given(name: keyof typeof fullFormats): TextCheck {
  const format: unknown = fullFormats[name];
  if (format instanceof RegExp) return (text) => format.test(text);
  const check = typeof format === 'function' ? format : (format as { readonly validate: unknown }).validate;
  return check as TextCheck;
}

/** RFC 5321 §4.1.2 `Mailbox`. */
function isMailbox(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1) return false;
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  return (DOTTED.test(local) || QUOTED.test(local)) && (DOMAIN.test(domain) || isLiteral(domain));
}

/** `[192.0.2.1]`, `[IPv6:…]` or another kind of address. */
function isLiteral(domain: string): boolean {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return false;
  const inner = domain.slice(1, -1);
  return ipv4(inner) || (/^ipv6:/i.test(inner) ? ipv6(inner.slice(5)) : GENERAL_LITERAL.test(inner));
}

function isRegex(text: string): boolean {
  try {
    RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** RFC 4648 §4. Lines, as MIME breaks them, are taken: many encoders make them. */
function isBase64(text: string): boolean {
  return BASE64.test(text.includes('\n') ? text.replace(/\r?\n/g, '') : text);
}
