import { type Socket, connect } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as connectTls } from 'node:tls';
import { AbstractConnector, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './address.ts';
import { ReplyGuard } from './reply-guard.ts';

/** Node's own default for what it reads from a socket at a time. */
const READ_BYTES = 64 * 1024;

/** The connection of the moment, for whoever sends on it. */
export interface Line {
  readonly guard: ReplyGuard;
  /** Breaks it at once. */
  destroy(): void;
}

/**
 * How ioredis comes to a socket: one of ours, whose bytes it only gets when the guard has let them pass. It ends sockets gently and gives them
 * two seconds for it; here they are destroyed, as there is nothing to wait for on one that is given up.
 */
export function connectorTo(
  { tls, host, port }: RedisAddress,
  on: { readonly open: (line: Line) => void; readonly heard: () => void; readonly malformed: () => void },
): NonNullable<RedisOptions['Connector']> {
  return class extends AbstractConnector {
    constructor() {
      super(0);
    }

    override connect(): Promise<Socket | TLSSocket> {
      const guard = new ReplyGuard();
      const onread = {
        buffer: Buffer.allocUnsafe(READ_BYTES),
        callback: (bytes: number, buffer: Uint8Array): boolean => {
          const chunk = Buffer.from(buffer.subarray(0, bytes)); // replies are views of it, the buffer is read into again
          on.heard();
          if (guard.read(chunk)) return socket.emit('data', chunk);
          on.malformed();
          socket.destroy();
          return false;
        },
      };
      const options = { host, port, onread }; // `onread` is missing from the types of node:tls, not from its documentation
      const socket: Socket | TLSSocket = tls ? connectTls(options as ConnectionOptions) : connect(options);
      socket.unref();
      socket.once('error', (error) => {
        this.firstError = error;
      });
      this.stream = socket;
      on.open({ guard, destroy: () => void socket.destroy() });
      return Promise.resolve(socket);
    }

    override disconnect(): void {
      this.stream?.destroy();
    }
  };
}
