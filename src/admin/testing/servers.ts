/** Admin servers on port 0 and clients of them, for tests alone; all closed after each test. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { type Socket, connect } from 'node:net';
import { afterEach } from 'vitest';
import type { Views } from '../../core/views.ts';
import { createAdmin } from '../admin.ts';
import type { RunningServer } from '../http.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json(): Record<string, unknown>;
}

/** Closed after each test. */
export const servers: RunningServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.close();
});

export function views(more: Partial<Views> = {}): Views {
  return {
    ready: () => ({ ready: true, reasons: [] }),
    started: () => true,
    retire: () => undefined,
    metrics: async (accept) => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: `# asked for ${accept}\n` }),
    violations: () => ({ items: [], next: null }),
    outcomes: () => ({ items: [], next: null }),
    settleOutcome: () => undefined,
    findings: () => ({ items: [], next: null }),
    finding: () => undefined,
    acknowledgeFinding: () => undefined,
    withdrawAcknowledgement: () => undefined,
    findingKept: async () => undefined,
    contracts: () => [],
    config: () => ({ generation: 1, digest: 'abc', config: {} }),
    ...more,
  };
}

export async function admin(more: Partial<Views> = {}, options: Partial<Parameters<typeof createAdmin>[1]> = {}): Promise<number> {
  const server = await createAdmin(views(more), { host: '127.0.0.1', port: 0, token: undefined, ...options });
  servers.push(server);
  return server.address.port;
}

export function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = httpRequest({ host: '127.0.0.1', port, path, method, headers: { Host: 'localhost', ...headers }, agent: false }, (res) => {
      let text = '';
      res.on('data', (chunk: Buffer) => (text += chunk.toString()));
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: () => JSON.parse(text) as Record<string, unknown> }),
      );
    });
    req.on('error', reject);
    req.end(body);
  });
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
