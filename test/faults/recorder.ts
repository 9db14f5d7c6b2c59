import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { PlayedConnection } from './played-connection.ts';
import { partOfRequest, readRequest, type StrictRequest } from './strict-request.ts';

/** Requests of the runner's own, by which it sees whether a connection and the gateway are in order. */
export const PROBE = '/v1/probe/';

export interface Recorded {
  readonly request: StrictRequest;
  readonly connection: PlayedConnection;
}

/** Called for each whole request that is no probe, in the order in which they came. */
export type Handler = (recorded: Recorded) => void;

/** What an answer of the recorder says of the request: nobody can mistake one for another's. */
export function echoOf(method: string, target: string): string {
  return `${method} ${target}\n`;
}

export function echo({ request: { method, target }, connection }: Recorded): void {
  const body = echoOf(method, target);
  connection.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${method === 'HEAD' ? '' : body}`, 'latin1'));
}

/** An upstream that writes down every byte, reads it by a strict parser of its own, and answers as it is told. */
export class Recorder {
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => this.#take(new PlayedConnection(socket)));
  readonly #connections = new Map<PlayedConnection, { read: number; dead: boolean }>();
  #requests: Recorded[] = [];
  #faults: string[] = [];
  handler: Handler = echo;

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await this.closeConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Ends all connections and waits until the gateway has seen it, so that what comes next meets none of them. */
  async closeConnections(): Promise<void> {
    const open = [...this.#connections.keys()];
    for (const { socket } of open) socket.end();
    await Promise.all(open.map((connection) => connection.until(() => connection.ended, 2000)));
    for (const { socket } of open) socket.destroy();
    for (const connection of open) this.#connections.delete(connection);
  }

  get requestCount(): number {
    return this.#requests.length;
  }

  /** What has come since the last call, whole or not, and all that no upstream should ever see. Forgets it. */
  take(): { readonly requests: readonly StrictRequest[]; readonly faults: readonly string[] } {
    const requests = this.#requests.map(({ request }) => request);
    const faults = this.#faults;
    for (const [{ received }, state] of this.#connections) {
      if (state.dead || received.length === state.read) continue;
      state.dead = true;
      const part = partOfRequest(received, state.read);
      if (typeof part === 'object') requests.push(part);
      else faults.push(`stray bytes: ${JSON.stringify(received.toString('latin1', state.read, state.read + 200))} ${part ?? ''}`);
    }
    this.#requests = [];
    this.#faults = [];
    return { requests, faults };
  }

  #take(connection: PlayedConnection): void {
    const state = { read: 0, dead: false };
    this.#connections.set(connection, state);
    connection.socket.on('data', () => this.#read(connection, state));
    connection.socket.on('end', () => connection.socket.end());
  }

  #read(connection: PlayedConnection, state: { read: number; dead: boolean }): void {
    while (!state.dead && state.read < connection.received.length) {
      const request = readRequest(connection.received, state.read);
      if (request === undefined) return;
      if (typeof request === 'string') {
        state.dead = true;
        this.#faults.push(`${request} in ${JSON.stringify(connection.received.toString('latin1', state.read, state.read + 300))}`);
        connection.socket.destroy();
        return;
      }
      state.read += request.length;
      const recorded = { request, connection };
      if (request.target.startsWith(PROBE)) {
        echo(recorded);
      } else {
        this.#requests.push(recorded);
        this.handler(recorded);
      }
    }
  }
}
