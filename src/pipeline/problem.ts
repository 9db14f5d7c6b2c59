/** The one writer of every answer that the gateway gives itself (semantics ER, RFC 9457, RFC 9209). */
import type { Exchange } from '../core/exchange.ts';
import { CODES, type Rejection, isRetryable } from '../core/rejection.ts';
import type { Answer } from '../core/stage.ts';

/** What the caller is told (ER-2); log and admin API always show all. */
export type ErrorDetail = 'full' | 'codes' | 'none';

const MAX_FIELDS = 20;
const TYPE = 'https://plumbline.dev/errors/';

export function problemAnswer(x: Exchange, answer: Answer, r: Rejection, tell: ErrorDetail): Answer {
  const body = Buffer.from(JSON.stringify(problem(x, r, tell)));
  const headers = ['Content-Type', 'application/problem+json', 'Content-Length', String(body.byteLength), 'Cache-Control', 'no-store'];
  headers.push('Proxy-Status', proxyStatus(r));
  if (answer.status >= 500 && !isRetryable(r, x.request.method)) headers.push('X-Plumbline-No-Retry', '1');
  if (answer.status === 429 || answer.status === 503) headers.push('X-Plumbline-Overloaded', '1');
  if (r.headers !== undefined) headers.push(...r.headers);
  return { ...answer, headers, body };
}

function problem(x: Exchange, r: Rejection, tell: ErrorDetail): object {
  const { status: usual, title } = CODES[r.code];
  const status = r.status ?? usual;
  const members: Record<string, unknown> = { type: TYPE + r.code.toLowerCase().replaceAll('_', '-'), title, status, code: r.code };
  if (tell === 'full') members['detail'] = r.detail;
  members['request_id'] = x.requestId;
  members['retryable'] = isRetryable(r, x.request.method);
  if (r.fields !== undefined && tell !== 'none')
    members['fields'] = r.fields
      .slice(0, MAX_FIELDS)
      .map((field) => (tell === 'full' ? field : { path: field.path, in: field.in, code: field.code }));
  return r.members === undefined ? members : { ...r.members, ...members };
}

function proxyStatus(r: Rejection): string {
  const { proxyError } = CODES[r.code];
  if (proxyError !== undefined) return `plumbline; error=${r.proxyError ?? proxyError}`;
  const received = r.receivedStatus === undefined ? '' : `; received-status=${r.receivedStatus}`;
  return `plumbline${received}; details="${r.proxyDetails ?? r.code}"`;
}
