import type { Exchange } from '../../core/exchange.ts';
import { headerList, headerValue } from '../../core/headers.ts';

/** A node identifier of RFC 7239 §6: IPv6 in brackets and quotes. */
function node(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address;
}

/** `host` of Forwarded: quoted where it is no token (RFC 7239 §4). */
function quoted(host: string): string {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(host) ? host : `"${host.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Forwarded (RFC 7239) and X-Forwarded-For, -Proto, -Host: appended to for trusted peers, overwritten for all others.
 * Forwarded is only written where the caller sent it: a service that reads it must not find a forged one.
 */
export function setForwarded(x: Exchange): void {
  const { headers, scheme } = x.request;
  const { address, trusted } = x.peer;
  const edits = x.requestEdits;
  const host = headerValue(headers, 'host');
  const chain = trusted ? headerList(headers, 'x-forwarded-for') : undefined;
  edits.set('X-Forwarded-For', chain === undefined || chain === '' ? address : `${chain}, ${address}`);
  if (!trusted || headerValue(headers, 'x-forwarded-proto') === undefined) edits.set('X-Forwarded-Proto', scheme);
  if (host !== undefined && (!trusted || headerValue(headers, 'x-forwarded-host') === undefined)) edits.set('X-Forwarded-Host', host);
  else if (host === undefined && !trusted) edits.remove('x-forwarded-host');
  const forwarded = headerList(headers, 'forwarded');
  if (forwarded === undefined) return;
  const own = `for=${node(address)};proto=${scheme}${host === undefined ? '' : `;host=${quoted(host)}`}`;
  edits.set('Forwarded', trusted && forwarded !== '' ? `${forwarded}, ${own}` : own);
}
