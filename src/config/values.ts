import { parseBlock } from '../core/address.ts';
import { EVERY_ADDRESS } from '../core/listen.ts';
import { type Fault, type Schema, checked, defaulted, mapped, string } from '../core/schema.ts';
import type { Field } from '../core/schema/field.ts';
import { printable, show } from '../core/schema/show.ts';

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$/;

const LOOPBACK_V4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

function isAddress(text: string): boolean {
  return !text.includes('/') && parseBlock(text) !== undefined;
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (LOOPBACK_V4.test(host) && isAddress(host));
}

/** Where nobody named a host it is one. */
export function isWildcard(host = EVERY_ADDRESS): boolean {
  return host === '0.0.0.0' || host === EVERY_ADDRESS;
}

/** An address or a name to listen on. */
export function host(): Schema<string> {
  return checked(string({ type: 'address or host name', maxLength: 253 }), (text) =>
    isAddress(text) || (HOST.test(text) && !/^[\d.]+$/.test(text))
      ? undefined
      : { code: 'malformed', message: `${show(text)} is neither an address nor a host name`, found: show(text) },
  );
}

/** Where others shall reach what listens: `::` by default. Undefined where nobody named a host: what was named is never replaced by another. */
export function openHost(text: string): Field<string | undefined> {
  return { ...defaulted(host(), EVERY_ADDRESS, text), absent: undefined };
}

/** A host name or address as it stands in Host, without a port. */
export function requestHost(): Schema<string> {
  return checked(string({ type: 'host name', maxLength: 253 }), (text) => {
    if (isAddress(text.replace(/^\[(.*)\]$/, '$1')) || HOST.test(text)) return undefined;
    const port = /^(.*):\d+$/.exec(text)?.[1];
    return {
      code: 'malformed',
      message: `${show(text)} is not a host name (a port or a wildcard cannot stand here)`,
      found: show(text),
      ...(port !== undefined && HOST.test(port) && { suggestion: port }),
    };
  });
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"${TOKEN}"))*$`);

/**
 * A media type, perhaps with parameters (RFC 9110 §8.3.1); no range. Read in lower case, without spaces and quotes, parameters by name: two ways
 * to write one are one.
 */
export function mediaType(): Schema<string> {
  const text = checked(string({ type: 'media type', maxLength: 256 }), (written) => {
    const found = show(written);
    if (!MEDIA_TYPE.test(written))
      return { code: 'malformed', message: `${found} is not a media type like application/vnd.billing+json;version=2`, found };
    if (written.includes('*')) return { code: 'malformed', message: `${found} is a range: a route is chosen by one media type`, found };
    if (/;[ \t]*q=/i.test(written))
      return { code: 'malformed', message: `${found}: q is a weight of Accept, no parameter of a media type`, found };
    return undefined;
  });
  return mapped(text, (written) => {
    const [type = '', ...parameters] = written.toLowerCase().replaceAll(/["\s]/g, '').split(';');
    return [type, ...parameters.sort()].join(';');
  });
}

/** A block of addresses in CIDR notation, or one address. */
export function addressBlock(): Schema<string> {
  return checked(string({ type: 'address block', maxLength: 64 }), (text) =>
    parseBlock(text) === undefined
      ? { code: 'malformed', message: `${show(text)} is not a block of addresses like 10.0.0.0/8 or ::1/128`, found: show(text) }
      : undefined,
  );
}

/** Names of listeners, routes and contracts. `_` at the beginning is ours (`_none`, `_other`). */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What `NAME` asks for, in words. */
export const NAME_FORM = 'letters, digits, . _ - ; begins with a letter or digit';

export function name(): Schema<string> {
  return string({ type: 'name', form: NAME_FORM, pattern: NAME, maxLength: 63 });
}

/** Where the upstream is. Clear-text HTTP/1.1 only in this version; a scheme, a host, a port, nothing else. */
export function origin(): Schema<string> {
  return checked(string({ type: 'URL', maxLength: 2048 }), originFault);
}

function originFault(text: string): Fault | undefined {
  const found = show(text.replace(/\/\/[^/@]*@/, '//***@'));
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const suggestion = HOST.test(text.replace(/:\d+$/, '')) ? `http://${text}` : undefined;
    return {
      code: 'malformed',
      message: `${found} is not a URL like http://127.0.0.1:3000`,
      found,
      ...(suggestion !== undefined && { suggestion }),
    };
  }
  if (scheme === 'https' || scheme === 'h2c') {
    return { code: 'not_in_this_version', message: `${scheme}:// is not in this version; possible: http://`, found, allowed: ['http'] };
  }
  if (scheme !== 'http')
    return { code: 'not_allowed', message: `${printable(scheme)}:// is not possible; possible: http://`, found, allowed: ['http'] };
  if (!URL.canParse(text) || /[\s\\]/.test(text))
    return { code: 'malformed', message: `${found} is not a URL like http://127.0.0.1:3000`, found };
  const url = new URL(text);
  const extra = extraPart(url, text);
  if (extra === undefined) return url.port === '0' ? { code: 'malformed', message: `${found} has port 0`, found } : undefined;
  return { code: 'malformed', message: `${found} has ${extra}; only scheme, host and port can stand here`, found, suggestion: url.origin };
}

function extraPart(url: URL, text: string): string | undefined {
  if (url.username !== '' || url.password !== '' || text.includes('@')) return 'credentials';
  if (text.includes('?')) return 'a query';
  if (text.includes('#')) return 'a fragment';
  return url.pathname === '/' ? undefined : 'a path';
}
