import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';

/** A way between a client and a server that a test can make a black hole of. */
export interface TcpProxy {
  readonly port: number;
  /** What is sent disappears, in both directions, and connections stay. */
  swallow(): void;
  /** What is sent from here on arrives; what was swallowed does not. */
  pass(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startTcpProxy(to: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isHole = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const upstream = keep(connect(to, '127.0.0.1'));
    keep(client);
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (data) => {
        if (!isHole) into.write(data);
      });
      from.on('close', () => into.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    swallow() {
      isHole = true;
    },
    pass() {
      isHole = false;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
