import { isIPv4 } from 'node:net';

/** Name or address and optional port, as the Host field has them (RFC 9110 §7.2). */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s:/?#@[\]]+)(?::\d{1,5})?$/i;

/** The name in a Host field, in lower case, without port, brackets and the final dot; undefined where it is not one. */
function hostName(host: string): string | undefined {
  const name = HOST.exec(host)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  return name.startsWith('[') ? name.slice(1, -1) : name.replace(/\.$/, '');
}

/** A name that never leaves the machine: localhost and below (RFC 6761 §6.3), 127.0.0.0/8, ::1. */
export function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/**
 * Whether a request may be for the page and the API. A browser that was led here by a name that an attacker controls sends that
 * name (DNS rebinding); only loopback names and the configured one are answered.
 */
export function isOwnHost(host: string | undefined, configured: string): boolean {
  const name = host === undefined ? undefined : hostName(host);
  return name !== undefined && (isLoopbackName(name) || name === configured.toLowerCase());
}
