import type { FastifyInstance } from 'fastify';
import type { Views } from '../core/views.ts';
import { readOutcomeQuery, readSettlement } from './outcome-query.ts';
import { sendProblem } from './problem.ts';

/** The longest note fits, each of its characters written as `\uXXXX`. */
const MAX_BODY_BYTES = 8 * 1024;

/** `/api/outcomes`: mutations whose outcome nobody knows, and what somebody found out about them. */
export function addOutcomes(app: FastifyInstance, views: Pick<Views, 'outcomes' | 'settleOutcome'>): void {
  app.get('/api/outcomes', (request, reply) => {
    const query = readOutcomeQuery(request.query as Record<string, unknown>);
    if ('parameter' in query) return sendProblem(reply, 400, `${query.parameter}: ${query.detail}`, { parameter: query.parameter });
    const page = views.outcomes(query);
    return page ?? sendProblem(reply, 400, 'after: not an id of this ledger', { parameter: 'after' });
  });
  app.post('/api/outcomes/:id/settle', { bodyLimit: MAX_BODY_BYTES }, (request, reply) => {
    const settlement = readSettlement(request.body);
    if ('parameter' in settlement)
      return sendProblem(reply, 400, `${settlement.parameter}: ${settlement.detail}`, { parameter: settlement.parameter });
    const item = views.settleOutcome((request.params as { readonly id: string }).id, settlement);
    return item ?? sendProblem(reply, 404, 'the ledger has no outcome of this id; the oldest go when there are too many');
  });
}
