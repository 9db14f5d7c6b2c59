import type { FastifyInstance } from 'fastify';
import type { Views } from '../core/views.ts';

/** What kubelet and Prometheus ask for: no token, any Host. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/startupz', '/metrics']);

export function addHealth(app: FastifyInstance, views: Pick<Views, 'ready' | 'started' | 'metrics'>): void {
  // Alive as long as it can answer.
  app.get('/healthz', () => ({ alive: true }));
  app.get('/readyz', (_request, reply) => {
    const { ready, reasons } = views.ready();
    return reply.code(ready ? 200 : 503).send({ ready, reasons });
  });
  app.get('/startupz', (_request, reply) => {
    const started = views.started();
    return reply.code(started ? 200 : 503).send({ started });
  });
  app.get('/metrics', async (request, reply) => {
    const { contentType, body } = await views.metrics(request.headers.accept);
    return reply.type(contentType).header('Vary', 'Accept').send(body);
  });
}
