import { type AddressInfo, createServer } from 'node:net';
import type { GatewaySockets } from '../gateway-sockets.ts';
import { PlayedConnection } from '../played-connection.ts';
import { partOfRequest, readRequest, type StrictRequest } from '../strict-request.ts';
import { Player, type Signals, type Step } from './steps.ts';

const CLOSE_MS = 2000;

/** Steps of the `index`th connection, counted from 0. When they are through, and did not end it, it serves as it should. */
export type Script = (index: number) => readonly Step[];

/** Everything as it should be. */
export const HEALTHY: readonly Step[] = [];

const WELL: readonly Step[] = [['answer']];

/** An answer as it should be: every one has a number, so that a replay can be told from another execution. */
export function okAnswer(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** An upstream whose every connection follows a script, and that writes down every byte. */
export class ScriptedUpstream {
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => void this.#take(new PlayedConnection(socket)));
  readonly #sockets: GatewaySockets;
  readonly #signals: Signals;
  readonly #connections: PlayedConnection[] = [];
  /** What is done with the next requests, whatever connections they come on, in the order in which they come; then all is well. */
  readonly queue: Array<readonly Step[]> = [];
  /** Answers given as they should be. */
  served = 0;
  script: Script;

  constructor(script: Script, sockets: GatewaySockets, signals: Signals) {
    this.script = script;
    this.#sockets = sockets;
    this.#signals = signals;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const { socket } of this.#connections) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** From here on all is well; what was open is ended, and the gateway has seen it. */
  async heal(): Promise<void> {
    this.script = () => HEALTHY;
    this.queue.length = 0;
    for (const { socket } of this.#connections) socket.end();
    await Promise.all(this.#connections.map((connection) => connection.until(() => connection.ended, CLOSE_MS)));
    for (const { socket } of this.#connections) socket.destroy();
  }

  /** Connections so far. */
  get connections(): readonly PlayedConnection[] {
    return this.#connections;
  }

  /** Every request that came so far to a path that begins so, whole or not, by connection; and all that is no request. */
  requests(path = '/'): { readonly requests: readonly StrictRequest[]; readonly strange: readonly string[] } {
    const requests: StrictRequest[] = [];
    const strange: string[] = [];
    for (const { received } of this.#connections) {
      for (let from = 0; from < received.length; ) {
        const read = readRequest(received, from);
        const found = read ?? partOfRequest(received, from);
        if (typeof found !== 'object') {
          // Half a head is what a connection may end in.
          if (found !== undefined) strange.push(`${found} in ${JSON.stringify(received.toString('latin1', from, from + 200))}`);
          break;
        }
        requests.push(found);
        if (read === undefined) break;
        from += found.length;
      }
    }
    return { requests: requests.filter(({ target }) => target.startsWith(path)), strange };
  }

  async #take(connection: PlayedConnection): Promise<void> {
    const index = this.#connections.push(connection) - 1;
    const player = new Player(connection, this.#sockets, this.#signals, (target) => this.#answer(target));
    const steps = this.script(index);
    const last = steps.at(-1)?.[0];
    if (!(await player.play(steps)) || last === 'end') return;
    for (;;) {
      if ((await player.request()) === undefined) break;
      const next = this.queue.shift() ?? WELL;
      if (!(await player.play(next)) || next.at(-1)?.[0] === 'end') return;
    }
    connection.socket.end();
  }

  #answer(target: string): string {
    this.served += 1;
    return okAnswer(JSON.stringify({ run: this.served, target }));
  }
}
