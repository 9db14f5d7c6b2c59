import type { FastifyReply } from 'fastify';
import { STATUS_CODES } from 'node:http';

/** An answer of the admin server that is not what was asked for (RFC 9457). `more` adds members to the problem. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, ...more };
  // A buffer, because to a text Fastify adds a charset, which JSON types do not have (RFC 8259 §11).
  return reply
    .code(status)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(body)));
}
