import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { RawHeaders } from '../../src/core/headers.ts';
import { RawConnection } from './connection.ts';

/** A request as it reached an origin; `body` and `ended` grow until its last byte has come. */
export interface OriginRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: RawHeaders;
  /** What came of the body so far. */
  readonly body: Buffer;
  readonly state: 'arriving' | 'ended' | 'aborted';
}

interface Running {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Breaks every connection and stops listening. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Origin extends Running {
  /** In the order of their heads. */
  readonly requests: readonly OriginRequest[];
  /** TCP connections accepted so far. */
  readonly connections: number;
}

export interface RawOrigin extends Running {
  /** Every connection accepted so far. */
  readonly connections: readonly RawConnection[];
  /** What the script threw, for a test to look at. */
  readonly errors: readonly unknown[];
  /** Breaks the connections so far, and forgets them and their errors. */
  forget(): void;
}

/** Called when a request's head is here; `whole()` waits for the body. */
export type OriginHandler = (req: IncomingMessage, res: ServerResponse, whole: () => Promise<Buffer>) => void | Promise<void>;

const hello: OriginHandler = (_req, res) => {
  res.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', '2']);
  res.end('{}');
};

/** A `node:http` origin on a free port of 127.0.0.1 that keeps what it was asked. */
export async function startOrigin(handler: OriginHandler = hello): Promise<Origin> {
  const requests: OriginRequest[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    let state: OriginRequest['state'] = 'arriving';
    requests.push({
      method: req.method ?? '',
      target: req.url ?? '',
      headers: req.rawHeaders,
      get body() {
        return Buffer.concat(chunks);
      },
      get state() {
        return state;
      },
    });
    const whole = new Promise<Buffer>((resolve, reject) => {
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => {
        state = 'ended';
        resolve(Buffer.concat(chunks));
      });
      req.on('error', reject);
      res.on('close', () => {
        if (!res.writableFinished) state = 'aborted';
      });
    });
    whole.catch(() => {
      state = 'aborted';
    });
    Promise.resolve(handler(req, res, () => whole)).catch((error: unknown) => res.destroy(error as Error));
  });
  const running = await listen(server);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  return {
    ...running,
    requests,
    get connections() {
      return connections;
    },
  };
}

/** A TCP server on a free port of 127.0.0.1 whose every byte is the script's; `index` counts connections from 0. */
export async function startRawOrigin(script: (c: RawConnection, index: number) => void | Promise<void>): Promise<RawOrigin> {
  const connections: RawConnection[] = [];
  const errors: unknown[] = [];
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    const connection = new RawConnection(socket);
    const index = connections.push(connection) - 1;
    Promise.resolve(script(connection, index)).catch((error: unknown) => errors.push(error));
  });
  const forget = (): void => {
    for (const connection of connections.splice(0)) connection.destroy();
    errors.length = 0;
  };
  return { ...(await listen(server)), connections, errors, forget };
}

async function listen(server: Server): Promise<Running> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, url: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}
