import type { FastifyInstance } from 'fastify';
import type { Views } from '../core/views.ts';
import { sendProblem } from './problem.ts';

/**
 * `POST /api/retire`: the service is about to end. It takes an object, although there is nothing to say: a page of another origin may send a POST without
 * a body unasked, but no JSON (Fetch, CORS-safelisted request-header).
 */
export function addRetire(app: FastifyInstance, views: Pick<Views, 'retire'>): void {
  app.post('/api/retire', ({ body }, reply) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return sendProblem(reply, 400, 'a JSON object is needed: {}');
    views.retire();
    return { retiring: true };
  });
}
