import type { FastifyInstance } from 'fastify';
import type { Views } from '../core/views.ts';
import { maskSecrets } from './mask.ts';
import { addFindings } from './findings.ts';
import { addOutcomes } from './outcomes.ts';
import { sendProblem } from './problem.ts';
import { addRetire } from './retire.ts';
import { readViolationQuery } from './violation-query.ts';

/** What there is, for a person who asks the port itself. */
const INDEX = {
  name: 'plumbline',
  paths: {
    '/healthz': 'alive',
    '/readyz': 'ready for traffic, or why not',
    '/startupz': 'started',
    '/metrics': 'Prometheus text or OpenMetrics, as asked for',
    '/api/violations': 'who broke which rule of which operation: ?api&operation&consumer&side&rule&limit&after',
    '/api/outcomes': 'mutations whose outcome nobody knows: ?api&operation&consumer&state&limit&after',
    '/api/outcomes/{id}/settle': 'POST {as: executed | not_executed, note}: what somebody found out about one',
    '/api/findings': 'what traffic and contracts differ in: ?api&kind&state&operation&consumer&limit&after',
    '/api/findings/{id}': 'one of them',
    '/api/findings/{id}/acknowledge': 'POST {note}: somebody knows of it; DELETE: takes that back',
    '/api/contracts': 'contracts in force',
    '/api/config': 'configuration in force, secrets masked',
    '/api/retire': 'POST {}: the service is about to end; clients are let go of with their answers, and it is not ready any more',
  },
};

export function addApi(app: FastifyInstance, views: Omit<Views, 'ready' | 'started' | 'metrics'>): void {
  app.get('/', () => INDEX);
  app.get('/api/violations', (request, reply) => {
    const query = readViolationQuery(request.query as Record<string, unknown>);
    if ('parameter' in query) return sendProblem(reply, 400, `${query.parameter}: ${query.detail}`, { parameter: query.parameter });
    const page = views.violations(query);
    return page ?? sendProblem(reply, 400, 'after: not an id of this run of the gateway', { parameter: 'after' });
  });
  addOutcomes(app, views);
  addFindings(app, views);
  app.get('/api/contracts', () => ({ items: views.contracts() }));
  app.get('/api/config', () => {
    const { generation, digest, config } = views.config();
    return { generation, digest, config: maskSecrets(config) };
  });
  addRetire(app, views);
}
