import type { Socket } from 'node:net';
import { Client, type Dispatcher, buildConnector, errors } from 'undici';

/** What undici does not tell of a connection: whether it had carried a request before, and whether its socket failed. */
export interface ConnectionWatch {
  served: number;
  failed: boolean;
}

export interface WatchingHandler extends Dispatcher.DispatchHandler {
  /** Told which connection will carry the request, before it does. */
  watch(connection: () => ConnectionWatch): void;
  /** The request never was on a connection, and never will be. */
  readonly unsendable: boolean;
}

/** A client that counts what each of its connections has carried, and listens for socket errors that undici takes for a normal end. */
export class WatchedClient extends Client {
  #connection: ConnectionWatch = { served: 0, failed: false };

  /** `connectMs`: how long a connection may take. undici's own timer for it is coarse, 1 s becomes 1.5 s. */
  constructor(origin: string | URL, options: Client.Options, connectMs: number) {
    const connect = buildConnector({ timeout: 0, allowH2: false });
    super(origin, {
      ...options,
      connect: (target, callback) => {
        const socket = connect(target, (...result) => {
          clearTimeout(timer);
          if (result[0] === null) this.#watch(result[1] as Socket);
          callback(...result);
        }) as unknown as Socket;
        const timer = setTimeout(() => socket.destroy(new errors.ConnectTimeoutError('connect timeout')), connectMs);
      },
    });
  }

  #watch(socket: Socket): void {
    const connection: ConnectionWatch = { served: 0, failed: false };
    this.#connection = connection;
    // A reset in the middle of an answer that ends with its connection looks like its end (undici reads it so).
    socket.on('error', () => {
      connection.failed = true;
    });
  }

  /** False: busy, ask again after `drain`. A request that undici refuses to make gives false too, and no drain ever follows: the pool would wait for ever. */
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const watching = handler as WatchingHandler;
    watching.watch(() => this.#connection);
    return super.dispatch(options, handler) || watching.unsendable;
  }
}
