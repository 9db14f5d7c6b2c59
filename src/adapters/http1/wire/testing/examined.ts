import { type RequestFraming, type RequestRules, examineRequest } from '../request-framing.ts';
import { type ParsedRequestHead, parseRequestHead } from '../request-head.ts';

export const RULES: RequestRules = { maxUrlBytes: 100, underscores: 'reject', ownFields: [] };

/** Of a request without a body, on a connection that goes on. */
export const BARE: RequestFraming = { body: 'none', lengthBytes: 0, expectsContinue: false, keepAlive: true, upgrade: undefined };

/** Throws where these lines are no head. */
export function parsed(requestLine: string, ...fields: readonly string[]): ParsedRequestHead {
  const head = parseRequestHead([requestLine, ...fields, ''].join('\r\n'));
  if (typeof head === 'string') throw new Error(head);
  return head;
}

/** The framing, or `code: detail` of what is wrong. */
export function said(head: ParsedRequestHead, rules = RULES): RequestFraming | string {
  const result = examineRequest(head, rules);
  return 'code' in result ? `${result.code}: ${result.detail}` : result;
}

export function get(...fields: readonly string[]): RequestFraming | string {
  return said(parsed('GET / HTTP/1.1', 'Host: x', ...fields));
}

export function post(...fields: readonly string[]): RequestFraming | string {
  return said(parsed('POST / HTTP/1.1', 'Host: x', ...fields));
}
