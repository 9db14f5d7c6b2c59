import { type Rejection, rejection } from '../../../core/rejection.ts';
import { hostEnd, sameAuthority } from './authority.ts';
import type { ParsedRequestHead } from './request-head.ts';

const SLASH = 0x2f;

const malformed = (detail: string): Rejection => Object.freeze(rejection('MALFORMED_REQUEST', detail));

const FRAGMENT = malformed('the request target has a fragment');
const NO_FORM = malformed('the request target is neither a path nor an http URL');
const ASTERISK = malformed('the request target * belongs to OPTIONS alone');
const USERINFO = malformed('the request target has credentials');
const NO_AUTHORITY = malformed('the request target names no valid host');
const OTHER_HOST = malformed('the request target names another host than Host');
const CONNECT = Object.freeze(
  rejection('METHOD_NOT_ALLOWED', 'CONNECT is not served here', { headers: ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] }),
);

/**
 * What is wrong with a request target, by its form (RFC 9112 §3.2). An absolute-form whose request has no Host (HTTP/1.0) gives it one
 * (§3.2.2): every other form of a request is about the host that Host names.
 */
export function targetFault(head: ParsedRequestHead, host: string | undefined): Rejection | undefined {
  const { target, method } = head;
  if (method === 'CONNECT') return CONNECT;
  if (target.includes('#')) return FRAGMENT;
  if (target.charCodeAt(0) === SLASH) return undefined;
  if (target === '*') return method === 'OPTIONS' ? undefined : ASTERISK;
  const parts = /^(https?):\/\/([^/?]*)/i.exec(target);
  return parts === null ? NO_FORM : absoluteFault(head, (parts[1] as string).toLowerCase(), parts[2] as string, host);
}

function absoluteFault(head: ParsedRequestHead, scheme: string, authority: string, host: string | undefined): Rejection | undefined {
  if (authority.includes('@')) return USERINFO; // RFC 9110 §4.2.4
  if (hostEnd(authority) <= 0) return NO_AUTHORITY;
  if (host === undefined) {
    head.headers.push('Host', authority);
    return undefined;
  }
  return sameAuthority(authority, host, scheme === 'https' ? '443' : '80') ? undefined : OTHER_HOST;
}
