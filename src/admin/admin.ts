import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint } from '../core/listen.ts';
import type { Views } from '../core/views.ts';
import { addApi } from './api.ts';
import { OPEN_PATHS, addHealth } from './health.ts';
import { isLoopbackName, isOwnHost } from './host.ts';
import { type RunningServer, createHttp, listen } from './http.ts';
import { sendProblem } from './problem.ts';
import { bearerCheck } from './token.ts';

export interface AdminOptions extends Endpoint {
  /** Always named: what is here is not for everybody. */
  readonly host: string;
  /** Asked for on page and API, on loopback too. Undefined or empty: none, which is for loopback only. */
  readonly token: string | undefined;
}

/**
 * The admin server: health, metrics, API. Rejects with ListenError where it cannot listen, and with TypeError off loopback without
 * a token: what it shows names consumers and operations.
 */
export async function createAdmin(views: Views, options: AdminOptions): Promise<RunningServer> {
  const { host, token } = options;
  if (!token && !isLoopbackName(host.toLowerCase()))
    throw new TypeError(`admin.token is needed where admin.host is not loopback (${host})`);
  const mayRead = token ? bearerCheck(token) : () => true;

  const guard = (request: FastifyRequest, reply: FastifyReply): boolean => {
    if (OPEN_PATHS.has(request.routeOptions.url ?? '')) return false;
    if (!isOwnHost(request.headers.host, host)) {
      sendProblem(reply, 403, 'this Host is not answered: use localhost, a loopback address, or the name in admin.host');
      return true;
    }
    if (mayRead(request.headers.authorization)) return false;
    sendProblem(
      reply.header('WWW-Authenticate', 'Bearer realm="plumbline admin"'),
      401,
      'the admin token is needed: Authorization: Bearer …',
    );
    return true;
  };
  const app = createHttp(guard);
  addHealth(app, views);
  addApi(app, views);
  return listen(app, 'admin', options);
}
