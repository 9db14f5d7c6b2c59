import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

export interface ProblemField {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** The contract's one error shape (`Problem` in openapi.yaml). */
export function problem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  fields?: readonly ProblemField[],
): FastifyReply {
  const words = code.toLowerCase().split('_').join(' ');
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `https://billing.example.com/errors/${code.toLowerCase().replaceAll('_', '-')}`,
      title: words.charAt(0).toUpperCase() + words.slice(1),
      status,
      code,
      detail,
      request_id: request.id,
      retryable: status === 429 || status === 503,
      ...(fields === undefined ? {} : { fields }),
    });
}

/** What Fastify itself refuses (media type, broken JSON, size) and what we did wrong, in the same shape. */
export function onError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  switch (error.statusCode) {
    case 415:
      return problem(request, reply, 415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.');
    case 413:
      return problem(request, reply, 413, 'BODY_TOO_LARGE', 'The body is too large.');
    case undefined:
    case 500:
      return problem(request, reply, 500, 'INTERNAL_ERROR', 'Something is wrong on our side.');
    default:
      return problem(request, reply, error.statusCode, 'MALFORMED_REQUEST', 'The request cannot be read.');
  }
}
