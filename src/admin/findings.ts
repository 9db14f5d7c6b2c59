import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FindingItem, Views } from '../core/views.ts';
import { readFindingQuery, readNote } from './finding-query.ts';
import { sendProblem } from './problem.ts';

/** The longest note fits, each of its characters written as `\uXXXX`. */
const MAX_BODY_BYTES = 4 * 1024;

/** `/api/findings`: what traffic and contracts differ in, and what somebody has said of it. */
export function addFindings(
  app: FastifyInstance,
  views: Pick<Views, 'findings' | 'finding' | 'acknowledgeFinding' | 'withdrawAcknowledgement' | 'findingKept'>,
): void {
  app.get('/api/findings', (request, reply) => {
    const query = readFindingQuery(request.query as Record<string, unknown>);
    if ('parameter' in query) return sendProblem(reply, 400, `${query.parameter}: ${query.detail}`, { parameter: query.parameter });
    return views.findings(query) ?? sendProblem(reply, 400, 'after: not the `next` of a page', { parameter: 'after' });
  });
  app.get('/api/findings/:id', (request, reply) => views.finding(idOf(request)) ?? unknownFinding(reply));
  app.post('/api/findings/:id/acknowledge', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const note = readNote(request.body);
    if ('parameter' in note) return sendProblem(reply, 400, `${note.parameter}: ${note.detail}`, { parameter: note.parameter });
    return answer(reply, views.acknowledgeFinding(idOf(request), note.note), views);
  });
  app.delete('/api/findings/:id/acknowledge', async (request, reply) => answer(reply, views.withdrawAcknowledgement(idOf(request)), views));
}

function idOf({ params }: FastifyRequest): string {
  return (params as { readonly id: string }).id;
}

/** Whoever is answered 2xx can rely on it: what was not kept is to be said again, which changes nothing where it was. */
async function answer(
  reply: FastifyReply,
  said: FindingItem | undefined,
  views: Pick<Views, 'findingKept'>,
): Promise<FindingItem | FastifyReply> {
  if (said === undefined) return unknownFinding(reply);
  const notKept = await views.findingKept(said.id);
  return notKept === undefined
    ? said
    : sendProblem(reply, 503, `it holds in this process, and may not outlive it: ${notKept}; say it again later`);
}

function unknownFinding(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 404, 'there is no finding of this id; resolved ones go when there are too many');
}
