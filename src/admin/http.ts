import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import { type Endpoint, listenAt } from '../core/listen.ts';
import { ListenError } from '../core/listen-error.ts';
import { sendProblem } from './problem.ts';

export interface RunningServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Stops at once: what is still being answered is cut. */
  close(): Promise<void>;
}

/** Most connections at a time; further ones are closed. Clients are few, and one that is stuck holds up to a whole scrape in memory. */
const MAX_CONNECTIONS = 100;
/** A connection on which nothing moves for so long is closed: a reader that stopped reading, a request that does not come. */
const STUCK_MS = 10_000;

/**
 * A Fastify server with narrow limits. `guard` runs first, for paths that exist and those that do not; where it has answered it returns true.
 * Bodies are JSON and say so: what a page of another origin can send without being asked first (a form, plain text) changes nothing here.
 */
export function createHttp(guard: (request: FastifyRequest, reply: FastifyReply) => boolean): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: 1024,
    connectionTimeout: STUCK_MS,
    requestTimeout: STUCK_MS,
    keepAliveTimeout: 5_000,
    http: { headersTimeout: STUCK_MS, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1024 },
    frameworkErrors: (error, _request, reply) =>
      void sendProblem(common(reply as unknown as FastifyReply), error.statusCode ?? 400, error.message),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.removeContentTypeParser('text/plain');
  const known = new KnownPaths();
  app.addHook('onRoute', ({ url, method }) => known.add(url, [method].flat()));

  app.addHook('onRequest', (request, reply, next) => {
    common(reply);
    if (guard(request, reply)) return;
    // Here and not in a handler of its own: that would read a body first.
    if (request.is404) answerUnknown(request, reply, known);
    else next();
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    return sendProblem(reply, status, status === 500 ? 'a fault in Plumbline; please report it' : error.message);
  });
  return app;
}

/** Nothing here may be kept, guessed at, or read by a page of another origin (there is no CORS). */
function common(reply: FastifyReply): FastifyReply {
  return reply.header('Cache-Control', 'no-store').header('X-Content-Type-Options', 'nosniff');
}

/** What there is, and by which methods. */
class KnownPaths {
  readonly #paths = new Map<string, { readonly matches: RegExp; readonly methods: string[] }>();

  /** `url` as Fastify has it: a segment may be `:name`. */
  add(url: string, methods: readonly string[]): void {
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    const known = this.#paths.get(path);
    if (known === undefined) this.#paths.set(path, { matches: new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`), methods: [...methods] });
    else known.methods.push(...methods);
  }

  get all(): string[] {
    return [...this.#paths.keys()];
  }

  /** Undefined: there is nothing at this path. */
  allowed(path: string): readonly string[] | undefined {
    return [...this.#paths.values()].find(({ matches }) => matches.test(path))?.methods;
  }
}

function answerUnknown(request: FastifyRequest, reply: FastifyReply, known: KnownPaths): void {
  const path = request.url.split('?', 1)[0] as string;
  if (request.method !== 'GET' && request.method !== 'HEAD') reply.header('Connection', 'close');
  const allowed = known.allowed(path)?.join(', ');
  if (allowed === undefined) sendProblem(reply, 404, 'there is nothing at this path', { available: known.all });
  else if (allowed === 'GET, HEAD') sendProblem(reply.header('Allow', allowed), 405, `${path} can be read only (${allowed})`);
  else sendProblem(reply.header('Allow', allowed), 405, `${path} takes ${allowed} only`);
}

/** Starts listening. Rejects with ListenError. `name` says in messages which server it is. */
export async function listen(app: FastifyInstance, name: string, endpoint: Endpoint): Promise<RunningServer> {
  await app.ready();
  const { server } = app;
  let bound: AddressInfo;
  try {
    bound = await listenAt(server, endpoint);
  } catch (error) {
    await app.close();
    throw new ListenError(name, endpoint, (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
  }
  return {
    address: { host: bound.address, port: bound.port },
    async close() {
      const closed = new Promise<void>((done) => void server.close(() => done()));
      server.closeAllConnections();
      await closed;
      await app.close();
    },
  };
}
